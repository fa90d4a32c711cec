/**
 * The strict reading of the simulators, their own: DER headers, known elements in order. Written by hand, apart from
 * the type declarations of src/protocol/types, so that a mistake there does not hide itself.
 */
import { decodeUtf8, integerFromBytes } from '../../protocol/asn1/primitive.js';
import { TlvHeader } from '../../protocol/asn1/tlv.js';

export interface Tlv {
  readonly tag: number;
  /** Complete element, as it came. */
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
}

/** Bytes that are not what the function wants; the caller chooses between a status word and a result code. */
export class Malformed extends Error {}

/** More elements than any request of 64 kB needs; keeps hostile lists cheap. */
const MAX_ELEMENTS = 4096;

/** The element at `at`. @throws {Malformed} unless its header is DER and it ends inside `bytes`. */
export function readElement(bytes: Uint8Array, at: number): Tlv {
  const header = new TlvHeader();
  if (!header.read(bytes, at, bytes.length) || header.fault !== 'none') throw new Malformed(header.fault);
  return {
    tag: header.tag,
    raw: bytes.subarray(at, header.end),
    content: bytes.subarray(header.contentStart, header.end),
  };
}

/** Elements one after the other up to the end. @throws {Malformed} */
export function readElements(bytes: Uint8Array): Tlv[] {
  const elements: Tlv[] = [];
  for (let at = 0; at < bytes.length;) {
    const element = readElement(bytes, at);
    if (elements.push(element) > MAX_ELEMENTS) throw new Malformed('too many elements');
    at += element.raw.length;
  }
  return elements;
}

/** Exactly one element. @throws {Malformed} */
export function readOne(bytes: Uint8Array): Tlv {
  const element = readElement(bytes, 0);
  if (element.raw.length !== bytes.length) throw new Malformed('bytes behind the element');
  return element;
}

/** The fields of a SEQUENCE by tag. */
export class Fields {
  constructor(private readonly found: ReadonlyMap<number, Tlv>) {}

  has(tag: number): boolean {
    return this.found.has(tag);
  }

  element(tag: number): Tlv | undefined {
    return this.found.get(tag);
  }

  octets(tag: number, min = 0, max = Infinity): Uint8Array | undefined {
    const content = this.found.get(tag)?.content;
    if (content !== undefined && (content.length < min || content.length > max)) throw new Malformed('size');
    return content;
  }

  text(tag: number, min = 0, max = Infinity): string | undefined {
    const content = this.found.get(tag)?.content;
    if (content === undefined) return undefined;
    const { text, valid } = decodeUtf8(content);
    const length = [...text].length;
    if (!valid || length < min || length > max) throw new Malformed('text');
    return text;
  }

  /** INTEGER of at most 6 bytes; greater ones come as Infinity of their sign. */
  integer(tag: number): number | undefined {
    const content = this.found.get(tag)?.content;
    if (content === undefined) return undefined;
    const { value, minimal } = integerFromBytes(content);
    if (!minimal) throw new Malformed('INTEGER is not minimal');
    return typeof value === 'bigint' ? (value > 0n ? Infinity : -Infinity) : value;
  }

  /** NULL: whether it is there. */
  flag(tag: number): boolean {
    const content = this.found.get(tag)?.content;
    if (content !== undefined && content.length > 0) throw new Malformed('NULL has content');
    return content !== undefined;
  }

  boolean(tag: number): boolean | undefined {
    const content = this.found.get(tag)?.content;
    if (content === undefined) return undefined;
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new Malformed('BOOLEAN');
    return content[0] === 0xff;
  }

  /** Numbers of the set bits of a BIT STRING. */
  bits(tag: number): number[] | undefined {
    const content = this.found.get(tag)?.content;
    if (content === undefined) return undefined;
    const unused = content[0];
    if (unused === undefined || unused > 7 || (content.length === 1 && unused > 0))
      throw new Malformed('BIT STRING');
    const last = content[content.length - 1] as number;
    if (content.length > 1 && (last & ((1 << unused) - 1)) !== 0) throw new Malformed('unused bits are set');
    const set: number[] = [];
    for (let bit = 0; bit < 8 * (content.length - 1); bit++)
      if (((content[1 + (bit >> 3)] as number) & (0x80 >> (bit & 7))) !== 0) set.push(bit);
    return set;
  }
}

/**
 * Reads a SEQUENCE. Elements that are not in `order` are passed over (EXTENSIBILITY IMPLIED).
 * @param order the known tags in the order of the type.
 * @throws {Malformed} for a known element twice or out of order, and for a broken header.
 */
export function readFields(content: Uint8Array, order: readonly number[]): Fields {
  const found = new Map<number, Tlv>();
  let place = -1;
  for (const element of readElements(content)) {
    const index = order.indexOf(element.tag);
    if (index < 0) continue;
    if (index <= place) throw new Malformed('an element is doubled or out of order');
    place = index;
    found.set(element.tag, element);
  }
  return new Fields(found);
}

/** For a mandatory field. @throws {Malformed} */
export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Malformed('a mandatory element is missing');
  return value;
}
