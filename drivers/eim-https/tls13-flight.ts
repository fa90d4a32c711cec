/** Opens the server's first flight of TLS 1.3 with the secret that OpenSSL logs (RFC 8446 5.2, 7.3). */
import { aeadsFor, RecordKeys, secretIn, type TlsRecord } from '../../src/transport/tls/index.js';

const HANDSHAKE = 22;

/**
 * The handshake bytes in the records up to the first that is under another key.
 * @returns undefined when the secret is missing or opens nothing.
 */
export function decryptServerFlight(
  records: readonly TlsRecord[],
  keyLog: readonly string[],
): Uint8Array[] | undefined {
  const secret = secretIn(keyLog, 'SERVER_HANDSHAKE_TRAFFIC_SECRET');
  for (const aead of aeadsFor(secret)) {
    const opened = openAll(records, new RecordKeys(secret, aead));
    if (opened.length > 0) return opened;
  }
  return undefined;
}

function openAll(records: readonly TlsRecord[], keys: RecordKeys): Uint8Array[] {
  const opened: Uint8Array[] = [];
  for (const [sequence, record] of records.entries()) {
    const inner = keys.open(record, sequence);
    if (inner === undefined) break;
    if (inner.type === HANDSHAKE) opened.push(inner.content);
  }
  return opened;
}
