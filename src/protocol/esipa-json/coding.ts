/** One element of a message to one JSON value, and back (SGP.32 6.4). */
import { bytesToHex, concat, hexToBytes, integerFromBytes, integerToBytes } from '../asn1/primitive.js';
import { tagName, tlv, topLevel } from '../asn1/tlv.js';
import { shown, type JsonFinding } from './findings.js';
import type { Member, Shape } from './members.js';

/** One TLV of the outermost SEQUENCE or CHOICE. */
export interface Element {
  readonly tag: number;
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
}

/** The TLVs of `bytes`; undefined when there is anything else in it. */
export function elementsOf(bytes: Uint8Array): readonly Element[] | undefined {
  const found = topLevel(bytes);
  return found.reduce((length, { raw }) => length + raw.length, 0) === bytes.length ? found : undefined;
}

/** The one TLV that `bytes` is; undefined when it is not exactly one. */
export function onlyElement(bytes: Uint8Array): Element | undefined {
  const found = elementsOf(bytes);
  return found?.length === 1 ? found[0] : undefined;
}

export const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON value of an element; undefined where JSON has no way to say it. */
export function elementToJson(member: Member, element: Element): unknown {
  const { raw, content } = element;
  switch (member.coding) {
    case 'der':
      return base64(
        member.tag === undefined || member.own === undefined
          ? raw
          : tlv(member.own[0] ?? element.tag, content),
      );
    case 'content':
      return base64(content);
    case 'tlv':
      return base64(raw);
    case 'octets':
      return base64(content);
    case 'hex':
    case 'eid':
      return bytesToHex(content);
    case 'text':
      try {
        return strictUtf8.decode(content);
      } catch {
        return undefined;
      }
    case 'number': {
      const { value } = integerFromBytes(content);
      return typeof value === 'number' ? value : undefined;
    }
    case 'flag':
      return content.length === 0 ? true : undefined;
  }
}

/** Reads JSON values and remembers what was wrong with them. */
export class JsonReader {
  readonly findings: JsonFinding[] = [];

  add(
    severity: JsonFinding['severity'],
    code: string,
    path: string,
    expected: string,
    actual: unknown,
  ): void {
    this.findings.push({ severity, code, path: `json${path}`, expected, actual: shown(actual) });
  }

  /** The element that a JSON value stands for, as TLV; undefined when it says nothing usable. */
  element(member: Member, value: unknown): Uint8Array | undefined {
    const path = `.${member.name}`;
    const { tag } = member;
    switch (member.coding) {
      case 'der':
      case 'content':
      case 'tlv': {
        const bytes = this.#base64(path, value);
        return bytes && this.#embedded(member, bytes, path);
      }
      case 'octets': {
        const bytes = this.#base64(path, value);
        return bytes && tlv(tag ?? 0x04, bytes);
      }
      case 'hex':
      case 'eid': {
        const bytes = this.#hex(member.coding, path, value);
        return bytes && tlv(tag ?? 0x04, bytes);
      }
      case 'text':
        if (typeof value !== 'string') return this.#wrongType(path, 'a string', value);
        return tlv(tag ?? 0x0c, new TextEncoder().encode(value));
      case 'number':
        return this.number(path, value, tag ?? 0x02);
      case 'flag':
        if (value === false) {
          this.add('note', 'json-flag-false', path, 'true, or no such member', value);
          return new Uint8Array(0);
        }
        if (value !== true) return this.#wrongType(path, 'true', value);
        return tlv(tag ?? 0x05, new Uint8Array(0));
    }
  }

  /** An INTEGER under `tag`; a number written as a string is read, and a violation. */
  number(path: string, value: unknown, tag: number): Uint8Array | undefined {
    if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) {
      this.#wrongType(path, 'a number', value);
      return tlv(tag, integerToBytes(Number(value)));
    }
    if (typeof value !== 'number' || !Number.isSafeInteger(value))
      return this.#wrongType(path, 'an integer', value);
    return tlv(tag, integerToBytes(value));
  }

  #embedded(member: Member, bytes: Uint8Array, path: string): Uint8Array {
    const only = onlyElement(bytes);
    const { tag, coding } = member;
    const own = member.own ?? (tag === undefined ? [] : [tag]);
    if (coding === 'tlv' && tag !== undefined) return only?.tag === tag ? bytes : tlv(tag, bytes);
    if (only === undefined || !own.includes(only.tag)) {
      const expected = `base64 of one TLV ${own.map(tagName).join(' or ')}`;
      // The message's tag in place of the type's own says the same, so it is only noted.
      const known = only !== undefined && only.tag === tag;
      const actual =
        only === undefined ? `${bytes.length} bytes that are not one TLV` : `a TLV ${tagName(only.tag)}`;
      this.findings.push({
        severity: known ? 'note' : 'violation',
        code: 'json-member-der',
        path: `json${path}`,
        expected,
        actual,
      });
      return coding === 'content' && tag !== undefined && !known ? tlv(tag, bytes) : bytes;
    }
    if (tag === undefined) return bytes;
    if (coding === 'content') return tlv(tag, bytes);
    return only.tag === tag ? bytes : tlv(tag, only.content);
  }

  #base64(path: string, value: unknown): Uint8Array | undefined {
    if (typeof value !== 'string') return this.#wrongType(path, 'base64', value);
    const bytes = Uint8Array.from(Buffer.from(value, 'base64'));
    if (base64(bytes) !== value) {
      this.add('violation', 'json-base64', path, 'base64 with padding and nothing else (RFC 4648 4)', value);
      if (bytes.length === 0) return undefined;
    }
    return bytes;
  }

  #hex(coding: 'hex' | 'eid', path: string, value: unknown): Uint8Array | undefined {
    if (typeof value !== 'string') return this.#wrongType(path, 'a string', value);
    const bytes = /\s/.test(value) ? undefined : hexToBytes(value);
    const [form, expected] =
      coding === 'eid'
        ? [/^\d{32}$/, '32 digits']
        : [/^(?:[0-9A-F]{2}){1,16}$/, '2 to 32 hexadecimal digits in upper case'];
    if (bytes === undefined || !form.test(value.toUpperCase()))
      this.add('violation', 'json-member-form', path, expected, value);
    else if (!form.test(value)) this.add('note', 'json-hex-case', path, expected, value);
    return bytes;
  }

  #wrongType(path: string, expected: string, value: unknown): undefined {
    this.add('violation', 'json-member-type', path, expected, value);
    return undefined;
  }
}

/** The members of a SEQUENCE or CHOICE out of its elements; undefined when an element has no member. */
export function shapeToJson(shape: Shape, elements: readonly Element[]): Record<string, unknown> | undefined {
  const out: Record<string, unknown> = {};
  for (const element of elements) {
    const free = shape.members.filter(({ name }) => !Object.hasOwn(out, name));
    const member = free.find(({ tag }) => tag === element.tag) ?? free.find(({ tag }) => tag === undefined);
    const value = member && elementToJson(member, element);
    if (member === undefined || value === undefined) return undefined;
    out[member.name] = value;
  }
  return out;
}

/** The contents octets that the members of `body` stand for, in the order of the ASN.1. */
export function shapeFromJson(
  shape: Shape,
  body: Readonly<Record<string, unknown>>,
  reader: JsonReader,
): Uint8Array {
  const parts: Uint8Array[] = [];
  const there = shape.members.filter(({ name }) => Object.hasOwn(body, name));
  for (const member of there) {
    const part = reader.element(member, body[member.name]);
    if (part !== undefined) parts.push(part);
  }
  if (shape.kind === 'choice') {
    const names = shape.members.map(({ name }) => name).join(', ');
    if (there.length === 0) reader.add('violation', 'json-member-missing', '', `one of ${names}`, undefined);
    if (there.length > 1)
      reader.add(
        'violation',
        'json-member-extra',
        `.${there[1]?.name ?? ''}`,
        `only one of ${names}`,
        there.length,
      );
    return parts[0] ?? new Uint8Array(0);
  }
  for (const { name, optional } of shape.members) {
    if (optional !== true && !Object.hasOwn(body, name))
      reader.add('violation', 'json-member-missing', `.${name}`, 'a member of that name', undefined);
  }
  return concat(parts);
}

/** EXTENSIBILITY IMPLIED: members that nobody knows are worth a note. */
export function noteUnknown(
  body: Readonly<Record<string, unknown>>,
  known: readonly string[],
  reader: JsonReader,
): void {
  const unknown = Object.keys(body).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    reader.add('note', 'json-member-unknown', '', known.join(', '), unknown.slice(0, 10).join(', '));
}
