/** What turns the tool's form of a value into the vendor's, and back: `{iccid|digits}`, `body.iccid|iccid`. */
import { publicKeyOfCertificate } from './certificate-key.js';

/** What JSON can hold; numbers and flags only behind a filter or in an answer. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/** @throws {Error} with what the filter wants, when the value is not that. */
type Filter = (value: Value) => Value;

const MAX_DEPTH = 40;
const HEX = /^([0-9A-Fa-f]{2})*$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

export const textOf = (value: Value): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

function bytesOfHex(value: Value): Buffer {
  const text = textOf(value).replace(/^0x/i, '').replace(/[\s:]/g, '');
  if (!HEX.test(text)) throw new Error('bytes in hexadecimal');
  return Buffer.from(text, 'hex');
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

function bytesOfBase64(value: Value): Buffer {
  const text = textOf(value).replace(/\s/g, '');
  if (!BASE64.test(text) || text.replace(/=+$/, '').length % 4 === 1) throw new Error('base64');
  return Buffer.from(text, 'base64');
}

const swapped = (digits: string): string => digits.replace(/(.)(.)/g, '$2$1');

/** The 10 bytes of tag 5A (SGP.22 5.2.1) to the printed 19 or 20 digits. Digits with another nibble stay: wrong on purpose. */
function digits(value: Value): string {
  const hex = hexOf(bytesOfHex(value));
  return hex.length === 20 ? swapped(hex).replace(/F+$/, '') : hex;
}

function iccid(value: Value): string {
  const text = textOf(value).replace(/[\s-]/g, '').toUpperCase();
  if (!/^\d{18,20}F?$/.test(text) || text.length > 20) throw new Error('an ICCID of 18 to 20 digits');
  return swapped(text.padEnd(20, 'F'));
}

function number(value: Value): number {
  const text = textOf(value).trim();
  if (!/^[+-]?\d+(\.\d+)?$/.test(text) || !Number.isFinite(Number(text))) throw new Error('a number');
  return Number(text);
}

function boolean(value: Value): boolean {
  const text = textOf(value).trim().toLowerCase();
  if (['true', '1', 'yes'].includes(text)) return true;
  if (['false', '0', 'no'].includes(text)) return false;
  throw new Error('true or false');
}

/** A map or list as it is; JSON text as what it says. */
function json(value: Value): Value {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Value;
  } catch {
    throw new Error('JSON');
  }
}

function pem(value: Value): string {
  const body = bytesOfHex(value).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
}

function unpem(value: Value): string {
  const body = /-----BEGIN [A-Z0-9 ]+-----([A-Za-z0-9+/=\s]+)-----END/.exec(textOf(value))?.[1];
  if (body === undefined) throw new Error('PEM');
  return hexOf(bytesOfBase64(body));
}

/** BER tags one after the other to a list of them: `BF2D5A` to BF2D and 5A. */
function tags(value: Value): string[] {
  const bytes = bytesOfHex(value);
  const list: string[] = [];
  for (let at = 0; at < bytes.length;) {
    let end = at + 1;
    if (((bytes[at] as number) & 0x1f) === 0x1f) while (((bytes[end++] ?? 0) & 0x80) !== 0);
    if (end > bytes.length) throw new Error('whole tags');
    list.push(hexOf(bytes.subarray(at, end)));
    at = end;
  }
  return list;
}

/** Every member of that name, at any depth, from printed digits to the 10 bytes of tag 5A. */
function iccids(value: Value, depth = 0): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw new Error(`at most ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) return (value as readonly Value[]).map((v) => iccids(v, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, v]: [string, Value]) => [
      name,
      name === 'iccid' && typeof v === 'string' ? iccid(v) : iccids(v, depth + 1),
    ]),
  );
}

export const FILTERS: Readonly<Record<string, Filter>> = {
  /** Bytes in hex to base64, and back. */
  base64: (v) => bytesOfHex(v).toString('base64'),
  unbase64: (v) => hexOf(bytesOfBase64(v)),
  /** Bytes in hex or in base64, whichever it is, to hex. */
  bytes: (v) => (HEX.test(textOf(v).trim()) ? hexOf(bytesOfHex(v)) : hexOf(bytesOfBase64(v))),
  hex: (v) => hexOf(bytesOfHex(v)),
  digits,
  iccid,
  iccids: (v) => iccids(v),
  number,
  boolean,
  upper: (v) => textOf(v).toUpperCase(),
  lower: (v) => textOf(v).toLowerCase(),
  json,
  text: textOf,
  pem,
  unpem,
  publicKey: (v) => hexOf(publicKeyOfCertificate(bytesOfHex(v))),
  tags,
};

export const FILTER_NAMES: readonly string[] = Object.keys(FILTERS);
