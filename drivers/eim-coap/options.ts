/** What a target says about an eIM that is reached over CoAP and DTLS (SGP.32 3.1.2.2), with our defaults. */
import { isIP } from 'node:net';
import type { DtlsTrust } from '../../src/transport/dtls/index.js';
import type { TraceEvent } from '../contract.js';

export interface CoapChannelOptions {
  /** `coaps://eim.example:5684`; a path in it is not used. `coap:` with `plain`. */
  readonly url: string;
  /** Segments; default `gsma`, `rsp2`, `asn1`, as over HTTP. */
  readonly path?: readonly string[];
  /** Content-Format of requests, default 42 (application/octet-stream); null: left out. */
  readonly contentFormat?: number | null;
  /** The eIM's name for SNI and the check of the certificate, where the URL has another. */
  readonly servername?: string;
  /** May be empty with `psk`. */
  readonly trust: DtlsTrust;
  readonly psk?: { readonly identity: string; readonly key: Uint8Array };
  /** OpenSSL or IANA names, in place of those of a good IPA. */
  readonly ciphers?: readonly string[];
  readonly groups?: readonly string[];
  /** From the first datagram to the last block of the answer, default 15000 ms. */
  readonly deadlineMs?: number;
  /** No DTLS at all. */
  readonly plain?: boolean;
  /** Greatest body of an answer in bytes, default 1 MiB. */
  readonly maxPayload?: number;
  /** Wait before the first retransmission, default 2000 ms (RFC 7252 4.8). */
  readonly ackTimeoutMs?: number;
  /** Gets each line of the key log (NSS format). */
  readonly keyLog?: (line: string) => void;
  /** Gets every event as it happens. */
  readonly onTrace?: (event: TraceEvent) => void;
}

/** The options with the defaults filled in, and what follows from the URL. */
export interface Settings extends CoapChannelOptions {
  readonly path: readonly string[];
  readonly contentFormat: number | null;
  readonly deadlineMs: number;
  readonly host: string;
  readonly port: number;
}

/** @throws {TypeError} for a URL that is none: a target is checked before. */
export function settingsOf(options: CoapChannelOptions): Settings {
  const url = new URL(options.url);
  const standard = options.plain === true ? 5683 : 5684;
  return {
    ...options,
    path: options.path ?? ['gsma', 'rsp2', 'asn1'],
    contentFormat: options.contentFormat === undefined ? 42 : options.contentFormat,
    deadlineMs: options.deadlineMs ?? 15_000,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? standard : Number(url.port),
  };
}

/** Uri-Host goes out where the URL has a name (RFC 7252 6.4). */
export function uriHostOf({ host }: Settings): string | undefined {
  return isIP(host) === 0 ? host : undefined;
}
