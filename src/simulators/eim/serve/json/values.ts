/**
 * Values of the JSON binding (SGP.32 6.4): binary objects are base64 of the whole DER, transaction ids are hex, an EID
 * is 32 digits. Everything read here is a peer's.
 */
import { Malformed } from '../../../tlv/reader.js';
import { unhex } from '../../../tlv/writer.js';
import type { ServeDefects } from '../defects.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The members of a request, read once each. Unknown ones are passed over. */
export class Members {
  constructor(
    private readonly object: JsonObject,
    private readonly defects: ServeDefects,
  ) {}

  has(name: string): boolean {
    // JSON null is no value of any member.
    return Object.hasOwn(this.object, name) && this.object[name] !== null;
  }

  /** @throws {Malformed} like every reader here, for a value of another type or form. */
  text(name: string): string | undefined {
    return this.#read(name, 'string', (value) => (typeof value === 'string' ? value : undefined));
  }

  flag(name: string): boolean {
    const set = this.#read(name, 'true', (value) => (typeof value === 'boolean' ? value : undefined));
    return set === true;
  }

  /** A whole number, as every code is. */
  number(name: string): number | undefined {
    return this.#read(name, 'a whole number', (value) =>
      Number.isSafeInteger(value) ? Number(value) : undefined,
    );
  }

  base64(name: string): Uint8Array | undefined {
    return this.#read(name, 'base64', (value) =>
      typeof value === 'string' ? this.#bytes(value) : undefined,
    );
  }

  /** Digits two by two, an odd number of them is no octet string. */
  hex(name: string): Uint8Array | undefined {
    return this.#read(name, 'pairs of hexadecimal digits', (value) =>
      typeof value === 'string' && /^([0-9A-Fa-f]{2})*$/.test(value) ? unhex(value.toUpperCase()) : undefined,
    );
  }

  #bytes(text: string): Uint8Array | undefined {
    if (!isBase64(text) && !this.defects.has('json-bad-base64-accepted')) return undefined;
    return new Uint8Array(Buffer.from(text, 'base64'));
  }

  #read<T>(name: string, expected: string, read: (value: unknown) => T | undefined): T | undefined {
    if (!this.has(name)) return undefined;
    const value = read(this.object[name]);
    if (value === undefined) throw new Malformed(`${name}: expected ${expected}`);
    return value;
  }
}

/** RFC 4648 4: the alphabet, and padding to a multiple of four. */
const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

/** @throws {Malformed} unless the body is one JSON object in UTF-8. */
export function parseObject(body: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Malformed('the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Malformed('the body is not a JSON object');
  return value as JsonObject;
}
