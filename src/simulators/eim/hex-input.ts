/** Bytes that an operator gives as hex. */
import { hexToBytes } from '../../protocol/asn1/index.js';
import { TlvHeader } from '../../protocol/asn1/tlv.js';
import { EimRefusal } from './refusals.js';

/** @returns upper-case hex. @throws {EimRefusal} with that code. */
export function operatorHex(text: string, code: string, what: string, min = 1, max = 65_535): string {
  const bytes = typeof text === 'string' && text.length % 2 === 0 ? hexToBytes(text) : undefined;
  if (bytes === undefined || bytes.length < min || bytes.length > max)
    throw new EimRefusal(code, `not ${what}`, {
      expected: min === max ? `${min} bytes in hex` : `${min} to ${max} bytes in hex`,
      actual: JSON.stringify(text),
    });
  return text.toUpperCase();
}

/** Exactly one DER SEQUENCE. @throws {EimRefusal} with that code. */
export function derSequence(text: string, code: string, what: string): string {
  const digits = operatorHex(text, code, what);
  const bytes = hexToBytes(digits) ?? new Uint8Array(0);
  const header = new TlvHeader();
  const whole = header.read(bytes, 0, bytes.length) && header.fault === 'none' && header.end === bytes.length;
  if (!whole || header.tag !== 0x30)
    throw new EimRefusal(code, `not ${what}`, { expected: 'one DER SEQUENCE', actual: digits.slice(0, 32) });
  return digits;
}

/** Tags one after the other, as numbers. @throws {EimRefusal} with that code. */
export function tagsOf(text: string, code: string): number[] {
  const bytes = hexToBytes(operatorHex(text, code, 'a tagList', 1, 255)) ?? new Uint8Array(0);
  const tags: number[] = [];
  for (let at = 0; at < bytes.length;) {
    let tag = bytes[at++] as number;
    if ((tag & 0x1f) === 0x1f) {
      let octet: number;
      do {
        if (at >= bytes.length || tag > 0xffff)
          throw new EimRefusal(code, 'a tagList that ends inside a tag', { actual: text });
        octet = bytes[at++] as number;
        tag = tag * 256 + octet;
      } while (octet >= 0x80);
    }
    tags.push(tag);
  }
  return tags;
}
