/** Records of TLS 1.3 under the keys of the handshake, made of the secrets that OpenSSL logs (RFC 8446 5.2, 7.3). */
import { createCipheriv, createDecipheriv, createHmac, type CipherGCMTypes } from 'node:crypto';

export interface Aead {
  readonly name: CipherGCMTypes | 'chacha20-poly1305';
  readonly keyLength: number;
  readonly hash: 'sha256' | 'sha384';
}

export interface TlsRecord {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

const AES_128: Aead = { name: 'aes-128-gcm', keyLength: 16, hash: 'sha256' };
const AES_256: Aead = { name: 'aes-256-gcm', keyLength: 32, hash: 'sha384' };
const CHACHA: Aead = { name: 'chacha20-poly1305', keyLength: 32, hash: 'sha256' };
const TAG = 16;
const APPLICATION_DATA = 23;

/** The suites that a secret may belong to: its length is that of the suite's hash. */
export const aeadsFor = (secret: Uint8Array): readonly Aead[] =>
  secret.length === 48 ? [AES_256] : secret.length === 32 ? [AES_128, CHACHA] : [];

/** The secret of that label in a key log (NSS format). */
export function secretIn(keyLog: readonly string[], label: string): Uint8Array {
  const line = keyLog.find((text) => text.startsWith(`${label} `));
  return Buffer.from(line?.trim().split(' ')[2] ?? '', 'hex');
}

/** Content and type of a protected record; undefined when it is not under that key. */
export interface InnerPlaintext {
  readonly type: number;
  readonly content: Uint8Array;
}

/** One direction of a connection: each record has its number. */
export class RecordKeys {
  readonly #key: Buffer;
  readonly #iv: Buffer;

  constructor(
    secret: Uint8Array,
    readonly aead: Aead,
  ) {
    this.#key = expandLabel(secret, 'key', aead.keyLength, aead.hash);
    this.#iv = expandLabel(secret, 'iv', 12, aead.hash);
  }

  open({ header, payload }: TlsRecord, sequence: number): InnerPlaintext | undefined {
    if (payload.length <= TAG) return undefined;
    const [name, key, nonce] = [this.aead.name, this.#key, this.#nonce(sequence)];
    const options = { authTagLength: TAG };
    const decipher =
      name === 'chacha20-poly1305'
        ? createDecipheriv(name, key, nonce, options)
        : createDecipheriv(name, key, nonce, options);
    const content = payload.subarray(0, -TAG);
    decipher.setAAD(header, { plaintextLength: content.length });
    decipher.setAuthTag(payload.subarray(-TAG));
    try {
      return innerOf(Buffer.concat([decipher.update(content), decipher.final()]));
    } catch {
      return undefined;
    }
  }

  /** @returns the whole record, header first. */
  seal({ type, content }: InnerPlaintext, sequence: number): Uint8Array {
    const [name, key, nonce] = [this.aead.name, this.#key, this.#nonce(sequence)];
    const options = { authTagLength: TAG };
    const cipher =
      name === 'chacha20-poly1305'
        ? createCipheriv(name, key, nonce, options)
        : createCipheriv(name, key, nonce, options);
    const inner = Buffer.concat([content, Buffer.of(type)]);
    const length = inner.length + TAG;
    const header = Buffer.of(APPLICATION_DATA, 3, 3, length >> 8, length & 0xff);
    cipher.setAAD(header, { plaintextLength: inner.length });
    const sealed = Buffer.concat([cipher.update(inner), cipher.final()]);
    return Buffer.concat([header, sealed, cipher.getAuthTag()]);
  }

  #nonce(sequence: number): Buffer {
    const nonce = Buffer.from(this.#iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
    return nonce;
  }
}

/** TLSInnerPlaintext: content, type, zeros. */
function innerOf(inner: Buffer): InnerPlaintext | undefined {
  let end = inner.length;
  while (end > 0 && inner[end - 1] === 0) end--;
  const type = inner[end - 1];
  return type === undefined ? undefined : { type, content: inner.subarray(0, end - 1) };
}

/** HKDF-Expand-Label without context, for lengths of one block. */
function expandLabel(secret: Uint8Array, label: string, length: number, hash: Aead['hash']): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0)]);
  return createHmac(hash, secret).update(info).update(Buffer.of(1)).digest().subarray(0, length);
}
