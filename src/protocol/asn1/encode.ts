/** DER from values. Written back to front, so that no length is computed twice. */
import { Sgp33Error } from '../errors.js';
import { characterCount, encodeOid } from './primitive.js';
import type { Asn1Type, BitString, Field, Integer, UnknownElement } from './schema.js';
import { DerBuffer } from './der-buffer.js';
import { TlvHeader } from './tlv.js';

export interface EncodeOptions {
  /** Lets sizes outside the constraint, missing fields and encoded defaults pass: for messages that are wrong on purpose. */
  readonly unchecked?: boolean;
}

/**
 * @throws {Sgp33Error} `encode-value` with the ASN.1 path where the value does not fit the type.
 */
export function encode<T>(type: Asn1Type<T>, value: T, options: EncodeOptions = {}): Uint8Array {
  const writer = new Writer(type.name, options.unchecked === true);
  writer.element(type, type.tag, value);
  return writer.out.result();
}

/** A string with one has no UTF-8 form. */
const LONE_SURROGATE = /\p{Surrogate}/u;

class Writer {
  readonly out = new DerBuffer();
  /** Where in the value the writer is; text only when something is wrong. */
  readonly #steps: (string | number)[] = [];
  #depth = -1;

  constructor(
    readonly root: string,
    readonly unchecked: boolean,
  ) {}

  element(type: Asn1Type, tag: number | undefined, value: unknown): void {
    const { out } = this;
    const mark = out.mark;
    switch (type.kind) {
      case 'any':
        out.bytes(this.#bytes(value));
        if (tag !== undefined) out.header(tag, mark);
        return;
      case 'choice':
        this.#arm(type, value);
        if (tag !== undefined) out.header(tag, mark);
        return;
      case 'opaque':
        this.#opaque(type, tag, this.#bytes(value));
        return;
      case 'sequence':
        this.#sequence(type, value);
        break;
      case 'sequenceOf':
        this.#sequenceOf(type, value);
        break;
      default:
        this.#primitive(type, value);
    }
    out.header(tag as number, mark);
  }

  #sequenceOf(type: Asn1Type, value: unknown): void {
    if (!Array.isArray(value)) throw this.#wrong('a list', kindOf(value));
    const item = type.item as Field;
    const depth = ++this.#depth;
    for (let i = value.length - 1; i >= 0; i--) {
      this.#steps[depth] = i;
      this.element(item.type, item.tag, value[i]);
    }
    this.#depth--;
  }

  #opaque(type: Asn1Type, tag: number | undefined, whole: Uint8Array): void {
    const { out } = this;
    if (tag === type.tag || tag === undefined) return out.bytes(whole);
    const h = new TlvHeader();
    if (!h.read(whole, 0, whole.length) || h.end !== whole.length)
      throw this.#wrong(`a complete ${type.name} TLV`, 'other bytes');
    const mark = out.mark;
    out.bytes(whole.subarray(h.contentStart));
    out.header(tag, mark);
  }

  #arm(type: Asn1Type, value: unknown): void {
    if (typeof value !== 'object' || value === null) throw this.#wrong('one arm of a CHOICE', kindOf(value));
    const arms = value as Record<string, unknown>;
    let name: string | undefined;
    for (const key in arms) {
      if (arms[key] === undefined) continue;
      if (name !== undefined) throw this.#wrong('exactly one arm', Object.keys(arms).join(', '));
      name = key;
    }
    if (name === undefined) throw this.#wrong('exactly one arm', 'none');
    if (name === '$unknown') return this.out.bytes(this.#bytes(arms[name]));
    const index = type.byName?.get(name);
    if (index === undefined) throw this.#wrong((type.fields ?? []).map((f) => f.name).join(' or '), name);
    const field = (type.fields as readonly Field[])[index] as Field;
    this.#steps[++this.#depth] = name;
    this.element(field.type, field.tag, arms[name]);
    this.#depth--;
  }

  #sequence(type: Asn1Type, value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#wrong('named fields', kindOf(value));
    const given = value as Record<string, unknown>;
    const keys = Object.keys(given);
    if (isInOrder(type, given, keys)) this.#inOrder(type, given, keys);
    else this.#anyOrder(type, given);
  }

  /** Only what is there is looked at. */
  #inOrder(type: Asn1Type, given: Record<string, unknown>, keys: readonly string[]): void {
    const fields = type.fields as readonly Field[];
    const depth = ++this.#depth;
    for (let k = keys.length - 1; k >= 0; k--) {
      const name = keys[k] as string;
      const field = fields[type.byName?.get(name) as number] as Field;
      const inner = given[name];
      if (field.defaultValue !== undefined && inner === field.defaultValue && !this.unchecked) continue;
      this.#steps[depth] = name;
      this.element(field.type, field.tag, inner);
    }
    this.#depth--;
  }

  #anyOrder(type: Asn1Type, given: Record<string, unknown>): void {
    this.#noStrangers(type, given);
    const fields = type.fields as readonly Field[];
    const unknown = given['$unknown'] as readonly UnknownElement[] | undefined;
    let u = unknown === undefined ? -1 : unknown.length - 1;
    const depth = ++this.#depth;
    for (let i = fields.length; i >= 0; i--) {
      if (unknown !== undefined)
        for (; u >= 0 && (unknown[u] as UnknownElement).before >= i; u--)
          this.out.bytes((unknown[u] as UnknownElement).bytes);
      if (i === 0) break;
      const field = fields[i - 1] as Field;
      const inner = given[field.name];
      this.#steps[depth] = field.name;
      if (inner === undefined) {
        if (!field.optional && !this.unchecked) throw this.#wrong('a value', 'nothing');
        continue;
      }
      if (field.defaultValue !== undefined && inner === field.defaultValue && !this.unchecked) continue;
      this.element(field.type, field.tag, inner);
    }
    this.#depth--;
  }

  #noStrangers(type: Asn1Type, given: Record<string, unknown>): void {
    for (const key in given)
      if (key !== '$unknown' && type.byName?.has(key) !== true)
        throw this.#wrong((type.fields ?? []).map((f) => f.name).join(', '), key);
  }

  #primitive(type: Asn1Type, value: unknown): void {
    const { out } = this;
    switch (type.kind) {
      case 'integer':
        if (typeof value !== 'bigint' && !Number.isSafeInteger(value))
          throw this.#wrong('an INTEGER', kindOf(value));
        return out.integer(value as Integer);
      case 'boolean':
        if (typeof value !== 'boolean') throw this.#wrong('a BOOLEAN', kindOf(value));
        return out.octet(value ? 0xff : 0x00);
      case 'null':
        if (value !== null) throw this.#wrong('NULL', kindOf(value));
        return;
      case 'octets': {
        const octets = this.#bytes(value);
        this.#size(type, octets.length, 'bytes');
        return out.bytes(octets);
      }
      case 'utf8':
        return this.#utf8(type, value);
      case 'bits': {
        const bits = value as BitString;
        if (typeof value !== 'object' || value === null || !(bits.bytes instanceof Uint8Array))
          throw this.#wrong('a BIT STRING', kindOf(value));
        out.bytes(bits.bytes);
        return out.octet(bits.unusedBits);
      }
      case 'oid': {
        const octets = typeof value === 'string' ? encodeOid(value) : undefined;
        if (octets === undefined) throw this.#wrong('an OBJECT IDENTIFIER', kindOf(value));
        return out.bytes(octets);
      }
      default:
        throw this.#wrong(type.kind, kindOf(value));
    }
  }

  #utf8(type: Asn1Type, value: unknown): void {
    if (typeof value !== 'string') throw this.#wrong('a UTF8String', kindOf(value));
    if (this.out.ascii(value)) return this.#size(type, value.length, 'characters');
    if (LONE_SURROGATE.test(value)) throw this.#wrong('a UTF8String', 'half a surrogate pair');
    this.#size(type, characterCount(value), 'characters');
    this.out.text(value);
  }

  #size(type: Asn1Type, length: number, unit: string): void {
    if (this.unchecked) return;
    if (length < (type.min ?? 0) || length > (type.max ?? Infinity))
      throw this.#wrong(`${type.min ?? 0}..${type.max ?? 'any'} ${unit}`, `${length} ${unit}`);
  }

  #bytes(value: unknown): Uint8Array {
    if (value instanceof Uint8Array) return value;
    throw this.#wrong('bytes', kindOf(value));
  }

  #wrong(expected: string, actual: string): Sgp33Error {
    let place = this.root;
    for (let i = 0; i <= this.#depth; i++) {
      const step = this.#steps[i];
      place += typeof step === 'number' ? `[${step}]` : `.${step ?? ''}`;
    }
    return new Sgp33Error('encode-value', 'the value does not fit its ASN.1 type', {
      place,
      expected,
      actual,
    });
  }
}

/** The usual case: the keys of a value stand as in the type, none is undefined or unknown, and none is missing. */
function isInOrder(type: Asn1Type, given: Record<string, unknown>, keys: readonly string[]): boolean {
  let previous = -1;
  let mandatory = 0;
  for (const key of keys) {
    const i = type.byName?.get(key);
    if (i === undefined || i <= previous || given[key] === undefined) return false;
    previous = i;
    if (type.fields?.[i]?.optional === false) mandatory++;
  }
  return mandatory === type.mandatory;
}

/** What was given in place of a value: itself when it is short, else its kind. */
const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? String(value).slice(0, 80)
        : typeof value;
