/** Opens the server's first flight of TLS 1.3 with the secret that OpenSSL logs (RFC 8446 5.2, 7.3). */
import { createDecipheriv, createHmac, type CipherGCMTypes } from 'node:crypto';
import type { TlsRecord } from './tls-records.js';

interface Aead {
  readonly name: CipherGCMTypes | 'chacha20-poly1305';
  readonly keyLength: number;
  readonly hash: 'sha256' | 'sha384';
}

const AES_128: Aead = { name: 'aes-128-gcm', keyLength: 16, hash: 'sha256' };
const AES_256: Aead = { name: 'aes-256-gcm', keyLength: 32, hash: 'sha384' };
const CHACHA: Aead = { name: 'chacha20-poly1305', keyLength: 32, hash: 'sha256' };
const HANDSHAKE = 22;
const TAG = 16;

/**
 * The handshake bytes in the records up to the first that is under another key.
 * @returns undefined when the secret is missing or opens nothing.
 */
export function decryptServerFlight(
  records: readonly TlsRecord[],
  keyLog: readonly string[],
): Uint8Array[] | undefined {
  const line = keyLog.find((text) => text.startsWith('SERVER_HANDSHAKE_TRAFFIC_SECRET '));
  const secret = Buffer.from(line?.trim().split(' ')[2] ?? '', 'hex');
  // The length of the secret is that of the suite's hash.
  const candidates = secret.length === 48 ? [AES_256] : secret.length === 32 ? [AES_128, CHACHA] : [];
  for (const aead of candidates) {
    const opened = openAll(records, secret, aead);
    if (opened.length > 0) return opened;
  }
  return undefined;
}

function openAll(records: readonly TlsRecord[], secret: Buffer, aead: Aead): Uint8Array[] {
  const key = expandLabel(secret, 'key', aead.keyLength, aead.hash);
  const iv = expandLabel(secret, 'iv', 12, aead.hash);
  const opened: Uint8Array[] = [];
  for (const [sequence, record] of records.entries()) {
    const inner = open(record, key, nonceOf(iv, sequence), aead);
    if (inner === undefined) break;
    // TLSInnerPlaintext: content, type, zeros.
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end--;
    if (inner[end - 1] === HANDSHAKE) opened.push(inner.subarray(0, end - 1));
  }
  return opened;
}

function open({ header, payload }: TlsRecord, key: Buffer, nonce: Buffer, aead: Aead): Buffer | undefined {
  if (payload.length <= TAG) return undefined;
  const options = { authTagLength: TAG };
  const decipher =
    aead.name === 'chacha20-poly1305'
      ? createDecipheriv(aead.name, key, nonce, options)
      : createDecipheriv(aead.name, key, nonce, options);
  const content = payload.subarray(0, -TAG);
  decipher.setAAD(header, { plaintextLength: content.length });
  decipher.setAuthTag(payload.subarray(-TAG));
  try {
    return Buffer.concat([decipher.update(content), decipher.final()]);
  } catch {
    return undefined;
  }
}

function nonceOf(iv: Buffer, sequence: number): Buffer {
  const nonce = Buffer.from(iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
  return nonce;
}

/** HKDF-Expand-Label without context, for lengths of one block. */
function expandLabel(secret: Buffer, label: string, length: number, hash: Aead['hash']): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0)]);
  return createHmac(hash, secret).update(info).update(Buffer.of(1)).digest().subarray(0, length);
}
