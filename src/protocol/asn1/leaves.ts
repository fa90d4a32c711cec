/** Values of the primitive types, with what is wrong about their contents octets (X.690 8.2 to 8.23, 11.1, 11.2). */
import { characterCount, decodeOid, decodeUtf8, integerFromBytes } from './primitive.js';
import type { Reporter } from './reporter.js';
import type { Asn1Type, BitString, Integer } from './schema.js';

/** Longer INTEGERs are refused: no type of SGP.22 or SGP.32 needs them, and their text would cost more than their bytes. */
export const MAX_INTEGER_OCTETS = 128;

export function integerLeaf(run: Reporter, type: Asn1Type, from: number, to: number): Integer {
  const { bytes } = run;
  const length = to - from;
  if (length === 1) {
    const octet = bytes[from] as number;
    const value = octet < 0x80 ? octet : octet - 0x100;
    if (type.named !== undefined) named(run, type.named, value, from, to);
    return value;
  }
  if (length === 0 || length > MAX_INTEGER_OCTETS) {
    run.say('size', from, `1..${MAX_INTEGER_OCTETS} octets`, `${length} octets`);
    return 0;
  }
  const { value, minimal } = integerFromBytes(run.view(from, to));
  if (!minimal) run.say('non-minimal-integer', from, "the shortest two's complement", run.preview(from, to));
  if (type.named !== undefined) named(run, type.named, value, from, to);
  return value;
}

function named(
  run: Reporter,
  names: Readonly<Record<string, number>>,
  value: Integer,
  from: number,
  to: number,
): void {
  for (const key in names) if (names[key] === value) return;
  const expected = Object.entries(names)
    .map(([name, n]) => `${name}(${n})`)
    .join(', ');
  run.say('unnamed-value', from, `one of ${expected}`, to - from > 8 ? run.preview(from, to) : String(value));
}

export function booleanLeaf(run: Reporter, from: number, to: number): boolean {
  const octet = run.bytes[from] as number;
  if (to - from === 1 && (octet === 0x00 || octet === 0xff)) return octet === 0xff;
  run.say('boolean-not-der', from, '00 or FF', to === from ? 'nothing' : run.preview(from, to));
  return to > from && octet !== 0;
}

export function nullLeaf(run: Reporter, from: number, to: number): null {
  if (to !== from) run.say('null-not-empty', from, 'no content', `${to - from} bytes`);
  return null;
}

export function octetsLeaf(run: Reporter, type: Asn1Type, from: number, to: number): Uint8Array {
  size(run, type, from, to - from, 'bytes');
  return run.view(from, to);
}

export function utf8Leaf(run: Reporter, type: Asn1Type, from: number, to: number): string {
  const ascii = run.ascii(from, to);
  if (ascii !== undefined) {
    size(run, type, from, to - from, 'characters');
    return ascii;
  }
  const { text, valid } = decodeUtf8(run.view(from, to));
  if (!valid) run.say('utf8-invalid', from, 'UTF-8', run.preview(from, to));
  size(run, type, from, characterCount(text), 'characters');
  return text;
}

function size(run: Reporter, type: Asn1Type, offset: number, length: number, unit: string): void {
  const { min, max } = type;
  if ((min === undefined || length >= min) && (max === undefined || length <= max)) return;
  const range = min === max ? String(min) : `${min ?? 0}..${max ?? 'any'}`;
  run.say('size', offset, `${range} ${unit}`, `${length} ${unit}`);
}

export function bitsLeaf(run: Reporter, type: Asn1Type, from: number, to: number): BitString {
  if (to === from) {
    run.say('size', from, 'the unused-bits octet', 'nothing');
    return { bytes: run.view(from, to), unusedBits: 0 };
  }
  const unusedBits = run.bytes[from] as number;
  const last = to - from > 1 ? (run.bytes[to - 1] as number) : undefined;
  const bad =
    last === undefined ? unusedBits !== 0 : unusedBits > 7 || (last & ((1 << unusedBits) - 1)) !== 0;
  if (bad) run.say('bit-string-unused-bits', from, '0 to 7 unused bits, all zero', run.preview(from, to));
  else if (type.named !== undefined && last !== undefined && ((last >> unusedBits) & 1) === 0)
    // X.690 11.2.2 trims named bits; deployed cards and LPAs often do not.
    run.say('bit-string-trailing-zeros', from, 'no trailing zero bit', run.preview(from, to));
  return { bytes: run.view(from + 1, to), unusedBits: bad ? Math.min(unusedBits, 7) : unusedBits };
}

export function oidLeaf(run: Reporter, from: number, to: number): string {
  const text = decodeOid(run.view(from, to));
  if (text !== undefined) return text;
  run.say('oid-malformed', from, 'an OBJECT IDENTIFIER', to === from ? 'nothing' : run.preview(from, to));
  return '';
}
