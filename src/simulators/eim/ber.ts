/**
 * The reading of what eUICCs and IPAs send: lengths and INTEGERs longer than DER wants are read as what they are,
 * because a signature covers the bytes as they came and a correct one must not fail over them.
 */
import { decodeUtf8, integerFromBytes } from '../../protocol/asn1/primitive.js';
import { TlvHeader } from '../../protocol/asn1/tlv.js';
import { Malformed, type Tlv } from '../tlv/reader.js';
import { hex } from '../tlv/writer.js';

const MAX_ELEMENTS = 4096;

/** Elements one after the other up to the end. @throws {Malformed} */
export function elements(bytes: Uint8Array): Tlv[] {
  const found: Tlv[] = [];
  const header = new TlvHeader();
  for (let at = 0; at < bytes.length; at = header.end) {
    const read = header.read(bytes, at, bytes.length);
    if (!read || header.fault === 'overrun' || header.fault === 'non-minimal-tag')
      throw new Malformed(header.fault);
    const { tag, end, contentStart } = header;
    found.push({ tag, raw: bytes.subarray(at, end), content: bytes.subarray(contentStart, end) });
    if (found.length > MAX_ELEMENTS) throw new Malformed('too many elements');
  }
  return found;
}

/** Exactly one element. @throws {Malformed} */
export function oneElement(bytes: Uint8Array): Tlv {
  const [first, ...more] = elements(bytes);
  if (first === undefined || more.length > 0) throw new Malformed('not exactly one element');
  return first;
}

/** The elements of a SEQUENCE by tag; what is not named is passed over (EXTENSIBILITY IMPLIED). */
export class Members {
  readonly #found = new Map<number, Tlv>();

  /** @param order the known tags in the order of the type. @throws {Malformed} for one twice or out of order. */
  constructor(content: Uint8Array, order: readonly number[]) {
    let place = -1;
    for (const element of elements(content)) {
      const index = order.indexOf(element.tag);
      if (index < 0) continue;
      if (index <= place) throw new Malformed('an element is doubled or out of order');
      place = index;
      this.#found.set(element.tag, element);
    }
  }

  has(tag: number): boolean {
    return this.#found.has(tag);
  }

  element(tag: number): Tlv | undefined {
    return this.#found.get(tag);
  }

  content(tag: number): Uint8Array | undefined {
    return this.#found.get(tag)?.content;
  }

  hex(tag: number): string | undefined {
    const content = this.content(tag);
    return content === undefined ? undefined : hex(content);
  }

  text(tag: number): string | undefined {
    const content = this.content(tag);
    return content === undefined ? undefined : textOf(content);
  }

  integer(tag: number): number | undefined {
    const content = this.content(tag);
    return content === undefined ? undefined : integerOf(content);
  }
}

/** @throws {Malformed} for bytes that are no UTF-8. */
export function textOf(content: Uint8Array): string {
  const { text, valid } = decodeUtf8(content);
  if (!valid) throw new Malformed('text');
  return text;
}

/** Values beyond 2^53 come as Infinity of their sign. @throws {Malformed} for no octets. */
export function integerOf(content: Uint8Array): number {
  if (content.length === 0) throw new Malformed('an INTEGER of no octets');
  const { value } = integerFromBytes(content);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : number < 0 ? -Infinity : Infinity;
}

/** Numbers of the set bits of a BIT STRING, the first bit being the greatest of its octet. @throws {Malformed} */
export function bitsOfContent(content: Uint8Array): number[] {
  const unused = content[0];
  if (unused === undefined || unused > 7 || (content.length === 1 && unused > 0))
    throw new Malformed('BIT STRING');
  const count = 8 * (content.length - 1) - unused;
  return Array.from({ length: count }, (_, bit) => bit).filter(
    (bit) => ((content[1 + (bit >> 3)] as number) & (0x80 >> (bit & 7))) !== 0,
  );
}
