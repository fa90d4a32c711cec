/** Contents octets of the primitive types, both ways (X.690 8.3 to 8.19). */
import type { BitString, Integer } from './schema.js';

/** Up to that many bytes, a loop is faster than a Buffer. */
const SHORT = 8;
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).toUpperCase().padStart(2, '0'));

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** Upper-case hex without separators. */
export function bytesToHex(bytes: Uint8Array): string {
  if (bytes.length > SHORT)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex').toUpperCase();
  let out = '';
  for (const b of bytes) out += HEX[b] as string;
  return out;
}

/** Hex with optional white space to bytes; undefined when it is none. */
export function hexToBytes(text: string): Uint8Array | undefined {
  const hex = text.replace(/\s+/g, '');
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) return undefined;
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function integerFromBytes(content: Uint8Array): { value: Integer; minimal: boolean } {
  const n = content.length;
  if (n === 0) return { value: 0, minimal: false };
  const first = content[0] as number;
  const second = content[1];
  const minimal =
    second === undefined || !((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (n <= 6) {
    let value = first >= 0x80 ? first - 0x100 : first;
    for (let i = 1; i < n; i++) value = value * 256 + (content[i] as number);
    return { value, minimal };
  }
  // BigInt from hex is linear; hostile lengths stay cheap.
  const unsigned = BigInt(`0x${bytesToHex(content)}`);
  const big = first >= 0x80 ? unsigned - (1n << BigInt(8 * n)) : unsigned;
  const small = Number(big);
  return { value: Number.isSafeInteger(small) ? small : big, minimal };
}

export function integerToBytes(value: Integer): Uint8Array {
  if (typeof value === 'number' && value >= -0x80 && value < 0x80) return Uint8Array.of(value & 0xff);
  let big = BigInt(value);
  const octets: number[] = [];
  for (;;) {
    const octet = Number(big & 0xffn);
    octets.push(octet);
    big >>= 8n;
    if ((big === 0n && octet < 0x80) || (big === -1n && octet >= 0x80)) break;
  }
  return Uint8Array.from(octets.reverse());
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of the octets; what is no UTF-8 becomes U+FFFD. */
export function decodeUtf8(content: Uint8Array): { text: string; valid: boolean } {
  try {
    return { text: strictUtf8.decode(content), valid: true };
  } catch {
    return { text: lenientUtf8.decode(content), valid: false };
  }
}

/** Code points, as SIZE of a UTF8String counts them. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}

/** ASCII in `[from, to)`, put together by hand: for the usual short texts that beats every call into the engine. */
export function shortAscii(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  let i = from;
  for (; i + 4 <= to; i += 4)
    text += String.fromCharCode(
      bytes[i] as number,
      bytes[i + 1] as number,
      bytes[i + 2] as number,
      bytes[i + 3] as number,
    );
  for (; i < to; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

/** Dotted form; undefined when the octets are no OBJECT IDENTIFIER. */
export function decodeOid(content: Uint8Array): string | undefined {
  if (content.length === 0 || content.length > 128 || (content[content.length - 1] as number) >= 0x80)
    return undefined;
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const b of content) {
    if (fresh && b === 0x80) return undefined;
    fresh = b < 0x80;
    arc = (arc << 7n) | BigInt(b & 0x7f);
    if (fresh) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const head = arcs[0] as bigint;
  const first = head < 40n ? 0n : head < 80n ? 1n : 2n;
  return [first, head - first * 40n, ...arcs.slice(1)].join('.');
}

/** Undefined when `text` is no dotted OBJECT IDENTIFIER. */
export function encodeOid(text: string): Uint8Array | undefined {
  if (!/^[0-2](\.(0|[1-9]\d*))+$/.test(text)) return undefined;
  const [first, second, ...rest] = text.split('.').map(BigInt) as [bigint, bigint, ...bigint[]];
  if (first < 2n && second > 39n) return undefined;
  const out: number[] = [];
  for (let arc of [first * 40n + second, ...rest]) {
    const octets = [Number(arc & 0x7fn)];
    for (arc >>= 7n; arc > 0n; arc >>= 7n) octets.push(Number(arc & 0x7fn) | 0x80);
    out.push(...octets.reverse());
  }
  return Uint8Array.from(out);
}

/** Names of the bits that are set; unnamed ones as their number. */
export function bitNames(value: BitString, named: Readonly<Record<string, number>> = {}): string[] {
  const names = new Map(Object.entries(named).map(([name, bit]) => [bit, name]));
  const set: string[] = [];
  for (let bit = 0; bit < value.bytes.length * 8 - value.unusedBits; bit++)
    if (hasBit(value, bit)) set.push(names.get(bit) ?? String(bit));
  return set;
}

export const hasBit = (value: BitString, bit: number): boolean =>
  (((value.bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;

/** The same bits as DER writes named ones: without zero bits at the end (X.690 11.2.2). */
export function trimBits(value: BitString): BitString {
  const set: number[] = [];
  for (let bit = 0; bit < value.bytes.length * 8 - value.unusedBits; bit++)
    if (hasBit(value, bit)) set.push(bit);
  return bitsOf(set);
}

/** A BIT STRING with named bits, trimmed as DER wants it (X.690 11.2.2). */
export function bitsOf(set: readonly number[]): BitString {
  const top = set.reduce((high, bit) => Math.max(high, bit), -1);
  const bytes = new Uint8Array((top >> 3) + 1);
  for (const bit of set) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7));
  return { bytes, unusedBits: top < 0 ? 0 : 7 - (top & 7) };
}
