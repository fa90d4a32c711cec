/** Messages of a TLS handshake, out of the bytes of its records (RFC 5246 7.4, RFC 8446 4). */

export const CERTIFICATE = 11;
export const CERTIFICATE_REQUEST = 13;
export const FINISHED = 20;

export interface HandshakeMessage {
  readonly type: number;
  readonly body: Buffer;
}

/** Those that are complete, in order. */
export function handshakeMessages(bytes: Buffer): HandshakeMessage[] {
  const messages: HandshakeMessage[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUIntBE(at + 1, 3);
    if (end > bytes.length) break;
    messages.push({ type: bytes.readUInt8(at), body: bytes.subarray(at + 4, end) });
    at = end;
  }
  return messages;
}

/**
 * DER of the certificates in a Certificate message, the leaf first (RFC 5246 7.4.2; RFC 8446 4.4.2 has a context in
 * front, and extensions behind each).
 */
export function certificatesOf(body: Buffer, isTls13: boolean): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = isTls13 ? 1 + (body[0] ?? 0) : 0;
  for (at += 3; at + 3 <= body.length;) {
    const end = at + 3 + body.readUIntBE(at, 3);
    if (end > body.length) break;
    found.push(Uint8Array.from(body.subarray(at + 3, end)));
    at = end;
    if (isTls13) at += at + 2 <= body.length ? 2 + body.readUInt16BE(at) : 2;
  }
  return found;
}
