/** What an error of node:tls says about the server. */
import type { ChannelFault } from '../eim-contract.js';
import type { Stop } from './stop.js';

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** The alert that ended it, by its name of RFC 8446, where OpenSSL's error names one. */
export function alertOf(error: unknown): string | undefined {
  const name = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?([A-Z_]+)$/.exec(codeOf(error))?.[1];
  return name?.toLowerCase();
}

/** No TLS session: an alert, an end, bytes that are no TLS, or silence until the deadline. */
export function handshakeFault(
  error: Error,
  seen: { alert: string | undefined; foreign: Uint8Array | undefined; stop: Stop },
): ChannelFault {
  const { alert, foreign, stop } = seen;
  if (stop.timedOut) {
    return {
      kind: 'timeout',
      path: 'tls.handshake',
      expected: `a TLS session within ${stop.deadlineMs} ms`,
      actual: 'an unfinished handshake',
    };
  }
  const actual =
    alert !== undefined
      ? `alert ${alert}`
      : foreign !== undefined
        ? `bytes that are no TLS: ${Buffer.from(foreign).toString('hex').toUpperCase()}`
        : describe(error);
  return { kind: 'handshake', path: 'tls.handshake', expected: 'a TLS session', actual };
}

/** OpenSSL's reason without its file names and numbers. */
export function describe(error: Error): string {
  const code = codeOf(error);
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
  const text = reason.replace(/[\r\n]+/g, ' ').slice(0, 200);
  return code === '' || text.includes(code) ? text : `${text} (${code})`;
}
