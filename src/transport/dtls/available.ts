import { loadOpenSsl } from './openssl.js';

let known: { readonly reason: string | undefined } | undefined;

/** Why DTLS is not possible here, or undefined. Looks functions up, calls none. */
export function whyUnavailable(): string | undefined {
  if (known === undefined) {
    try {
      loadOpenSsl();
      known = { reason: undefined };
    } catch (error) {
      known = { reason: error instanceof Error ? error.message : String(error) };
    }
  }
  return known.reason;
}

/** Whether this Node can do DTLS: koffi loads, and an OpenSSL with all functions is there. */
export const dtlsAvailable = (): boolean => whyUnavailable() === undefined;
