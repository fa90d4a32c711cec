/** What the simulators write: hand-made DER, one function a primitive type. */
import { bitsOf, bytesToHex, concat, hexToBytes, tlv, type Integer } from '../../protocol/asn1/index.js';
import { integerToBytes } from '../../protocol/asn1/primitive.js';

const text = new TextEncoder();

export const hex = (bytes: Uint8Array): string => bytesToHex(bytes);

/** @throws {TypeError} state holds hex only; anything else is a mistake of ours. */
export function unhex(digits: string): Uint8Array {
  const bytes = hexToBytes(digits);
  if (bytes === undefined) throw new TypeError(`not hex: ${digits}`);
  return bytes;
}

/** A constructed element around parts; undefined parts are absent fields. */
export const wrap = (tag: number, ...parts: readonly (Uint8Array | undefined)[]): Uint8Array =>
  tlv(tag, concat(parts.filter((part) => part !== undefined)));

export const octets = (tag: number, content: Uint8Array | string): Uint8Array =>
  tlv(tag, typeof content === 'string' ? unhex(content) : content);

export const int = (tag: number, value: Integer): Uint8Array => tlv(tag, integerToBytes(value));

export const utf8 = (tag: number, value: string): Uint8Array => tlv(tag, text.encode(value));

export const nothing = (tag: number): Uint8Array => tlv(tag, new Uint8Array(0));

export const bool = (tag: number, value: boolean): Uint8Array => tlv(tag, Uint8Array.of(value ? 0xff : 0));

/** BIT STRING with named bits, trailing zeros trimmed. */
export function bitString(tag: number, set: readonly number[]): Uint8Array {
  const { bytes, unusedBits } = bitsOf(set);
  return tlv(tag, Uint8Array.of(unusedBits, ...bytes));
}

/** An optional field: nothing when the value is not there. */
export const maybe = <T>(value: T | undefined, write: (value: T) => Uint8Array): Uint8Array | undefined =>
  value === undefined ? undefined : write(value);
