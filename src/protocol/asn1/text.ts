/**
 * ASN.1 values in the notation of the YAML suites and of the reports: hex for bytes, names for named numbers and
 * bits, `{ arm: value }` for a CHOICE. Everything is a string, a list or a map (YAML failsafe schema).
 */
import { Sgp33Error } from '../errors.js';
import { bitNames, bitsOf, bytesToHex, hexToBytes } from './primitive.js';
import type { Asn1Type, BitString, Field, Integer, UnknownElement } from './schema.js';

export type TextValue = string | TextValue[] | { [key: string]: TextValue };

/** @throws {Sgp33Error} `value-text`, place = path, when the text is no value of the type. */
export function fromText(type: Asn1Type, text: unknown, path = type.name): unknown {
  switch (type.kind) {
    case 'sequence': {
      const out: Record<string, unknown> = {};
      for (const [key, inner] of Object.entries(mapAt(text, path))) {
        if (key === '$unknown') {
          out[key] = unknownFromText(type, inner, path);
          continue;
        }
        const field = type.fields?.find((f) => f.name === key);
        if (field === undefined)
          throw bad(path, `a field of ${type.name || 'the SEQUENCE'}: ${names(type)}`, key);
        out[key] = fromText(field.type, inner, `${path}.${key}`);
      }
      return out;
    }
    case 'choice': {
      const [entry, ...more] = Object.entries(mapAt(text, path));
      if (entry === undefined || more.length > 0)
        throw bad(path, `exactly one of ${names(type)}`, describe(text));
      if (entry[0] === '$unknown') return { $unknown: hexAt(entry[1], `${path}.$unknown`) };
      const field = type.fields?.find((f) => f.name === entry[0]);
      if (field === undefined) throw bad(path, `one of ${names(type)}`, entry[0]);
      return { [entry[0]]: fromText(field.type, entry[1], `${path}.${entry[0]}`) };
    }
    case 'sequenceOf':
      if (!Array.isArray(text)) throw bad(path, 'a list', describe(text));
      return text.map((t, i) => fromText((type.item as Field).type, t, `${path}[${i}]`));
    case 'bits':
      return bitsFromText(type, text, path);
    default:
      return primitiveFromText(type, text, path);
  }
}

function primitiveFromText(type: Asn1Type, text: unknown, path: string): unknown {
  if (text instanceof Uint8Array && (type.kind === 'octets' || type.kind === 'opaque' || type.kind === 'any'))
    return text;
  if (typeof text === 'number' || typeof text === 'bigint' || typeof text === 'boolean') text = String(text);
  if (text === null && type.kind === 'null') return null;
  if (typeof text !== 'string') throw bad(path, kindName(type), describe(text));
  switch (type.kind) {
    case 'integer': {
      const named = namedNumber(type, text);
      if (named !== undefined) return named;
      if (!/^-?\d+$|^0x[0-9a-fA-F]+$/.test(text))
        throw bad(
          path,
          type.named === undefined
            ? 'an INTEGER'
            : `an INTEGER or one of ${Object.keys(type.named).join(', ')}`,
          text,
        );
      const value = BigInt(text);
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
    case 'boolean':
      if (/^(true|TRUE)$/.test(text)) return true;
      if (/^(false|FALSE)$/.test(text)) return false;
      throw bad(path, 'TRUE or FALSE', text);
    case 'null':
      if (/^(NULL|null|)$/.test(text)) return null;
      throw bad(path, 'NULL', text);
    case 'utf8':
    case 'oid':
      return text;
    default: {
      const bytes = hexToBytes(text);
      if (bytes === undefined) throw bad(path, `${kindName(type)} in hex`, text);
      return bytes;
    }
  }
}

/** `ok` or `ok(0)`. */
function namedNumber(type: Asn1Type, text: string): number | undefined {
  const [, name, number] = /^([A-Za-z][\w-]*)(?:\((-?\d+)\))?$/.exec(text) ?? [];
  if (name === undefined || type.named === undefined || !Object.hasOwn(type.named, name)) return undefined;
  const value = type.named[name];
  return number === undefined || Number(number) === value ? value : undefined;
}

/** Hex of a TLV that comes last, or `3:hex` for one behind the third field of the type. */
function unknownFromText(type: Asn1Type, text: unknown, path: string): UnknownElement[] {
  const list = Array.isArray(text) ? (text as unknown[]) : [text];
  return list.map((item) => {
    const [, before, hex] = /^(?:(\d{1,4}):)?([\s\S]*)$/.exec(String(item)) ?? [];
    return {
      before: before === undefined ? (type.fields ?? []).length : Number(before),
      bytes: hexAt(item instanceof Uint8Array ? item : hex, `${path}.$unknown`),
    };
  });
}

function hexAt(text: unknown, path: string): Uint8Array {
  if (text instanceof Uint8Array) return text;
  const bytes = typeof text === 'string' ? hexToBytes(text) : undefined;
  if (bytes === undefined) throw bad(path, 'bytes in hex', describe(text));
  return bytes;
}

function bitsFromText(type: Asn1Type, text: unknown, path: string): BitString {
  if (typeof text === 'string' && type.named === undefined) {
    const content = hexToBytes(text);
    if (content === undefined || content.length === 0)
      throw bad(path, 'a BIT STRING in hex, unused-bits octet first', text);
    return { bytes: content.subarray(1), unusedBits: (content[0] as number) & 7 };
  }
  const list = typeof text === 'string' ? (text === '' ? [] : [text]) : text;
  if (!Array.isArray(list)) throw bad(path, 'a list of bit names', describe(text));
  return bitsOf(
    list.map((name: unknown) => {
      const bit =
        namedNumber(type, String(name)) ?? (/^\d{1,3}$/.test(String(name)) ? Number(name) : undefined);
      if (bit === undefined)
        throw bad(path, `one of ${Object.keys(type.named ?? {}).join(', ')}`, String(name));
      return bit;
    }),
  );
}

/** A value as strings, lists and maps; what does not fit the type is shown as it is. */
export function toText(type: Asn1Type, value: unknown): TextValue {
  if (value === undefined) return '(nothing)';
  switch (type.kind) {
    case 'sequence':
    case 'choice': {
      const out: { [key: string]: TextValue } = {};
      for (const [key, inner] of Object.entries(value as Record<string, unknown>)) {
        const field = type.fields?.find((f) => f.name === key);
        if (field !== undefined) {
          if (inner !== undefined) out[key] = toText(field.type, inner);
        } else if (inner instanceof Uint8Array) out[key] = bytesToHex(inner);
        else if (Array.isArray(inner))
          out[key] = (inner as UnknownElement[]).map((u) =>
            u.before === type.fields?.length ? bytesToHex(u.bytes) : `${u.before}:${bytesToHex(u.bytes)}`,
          );
      }
      return out;
    }
    case 'sequenceOf':
      return (value as unknown[]).map((v) => toText((type.item as Field).type, v));
    case 'bits': {
      const { bytes, unusedBits } = value as BitString;
      // Without names the number of bits counts, zeros at the end included.
      if (type.named === undefined) return bytesToHex(Uint8Array.of(unusedBits, ...bytes));
      return bitNames({ bytes, unusedBits }, type.named);
    }
    case 'integer':
      return integerText(type, value as Integer);
    case 'boolean':
      return value === true ? 'TRUE' : 'FALSE';
    case 'null':
      return 'NULL';
    case 'utf8':
    case 'oid':
      return value as string;
    default:
      return bytesToHex(value as Uint8Array);
  }
}

/** `profileNotInDisabledState(2)` for a named number, else decimal. */
export function integerText(type: Asn1Type, value: Integer): string {
  const name = Object.entries(type.named ?? {}).find(([, n]) => n === value)?.[0];
  return name === undefined ? String(value) : `${name}(${value})`;
}

const names = (type: Asn1Type): string => (type.fields ?? []).map((f) => f.name).join(', ');

const kindName = (type: Asn1Type): string =>
  ({
    integer: 'an INTEGER',
    boolean: 'a BOOLEAN',
    null: 'NULL',
    octets: 'an OCTET STRING',
    utf8: 'a UTF8String',
    oid: 'an OBJECT IDENTIFIER',
  })[type.kind as string] ??
  (type.name || type.kind);

const describe = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? 'a list'
      : value === null
        ? 'null'
        : typeof value;

function mapAt(text: unknown, path: string): Record<string, unknown> {
  if (text === '' || text === undefined) return {};
  if (typeof text !== 'object' || text === null || Array.isArray(text) || text instanceof Uint8Array)
    throw bad(path, 'named fields', describe(text));
  return text as Record<string, unknown>;
}

const bad = (path: string, expected: string, actual: string): Sgp33Error =>
  new Sgp33Error('value-text', 'not a value of the ASN.1 type', { place: path, expected, actual });
