/** Option numbers and values (RFC 7252 5.10, RFC 7959 2). */
import { CoapError } from './errors.js';
import type { CoapOption } from './message.js';

/** Names as in the registry of CoAP option numbers. */
export const OPTION_NUMBERS = {
  'If-Match': 1,
  'Uri-Host': 3,
  ETag: 4,
  'If-None-Match': 5,
  Observe: 6,
  'Uri-Port': 7,
  'Location-Path': 8,
  OSCORE: 9,
  'Uri-Path': 11,
  'Content-Format': 12,
  'Max-Age': 14,
  'Uri-Query': 15,
  'Hop-Limit': 16,
  Accept: 17,
  'Q-Block1': 19,
  'Location-Query': 20,
  Block2: 23,
  Block1: 27,
  Size2: 28,
  'Q-Block2': 31,
  'Proxy-Uri': 35,
  'Proxy-Scheme': 39,
  Size1: 60,
  'No-Response': 258,
  'OCF-Accept-Content-Format-Version': 2049,
  'OCF-Content-Format-Version': 2053,
} as const;

export type OptionName = keyof typeof OPTION_NUMBERS;

const NAMES = new Map<number, string>(Object.entries(OPTION_NUMBERS).map(([name, number]) => [number, name]));

/** Its name, or its number in decimal. */
export function optionName(number: number): string {
  return NAMES.get(number) ?? String(number);
}

/** Lengths (bytes) and repetition that RFC 7252 table 4 and RFC 7959 table 1 allow. */
const LIMITS: Partial<Record<OptionName, readonly [min: number, max: number, repeatable: boolean]>> = {
  'If-Match': [0, 8, true],
  'Uri-Host': [1, 255, false],
  ETag: [1, 8, true],
  'If-None-Match': [0, 0, false],
  'Uri-Port': [0, 2, false],
  'Location-Path': [0, 255, true],
  'Uri-Path': [0, 255, true],
  'Content-Format': [0, 2, false],
  'Max-Age': [0, 4, false],
  'Uri-Query': [0, 255, true],
  Accept: [0, 2, false],
  'Location-Query': [0, 255, true],
  Block2: [0, 3, false],
  Block1: [0, 3, false],
  Size2: [0, 4, false],
  'Proxy-Uri': [1, 1034, false],
  'Proxy-Scheme': [1, 255, false],
  Size1: [0, 4, false],
};

/** Odd numbers: who does not understand it must reject the message (RFC 7252 5.4.1). */
export function isCritical(number: number): boolean {
  return number % 2 === 1;
}

/**
 * The options that a receiver may use, and those critical ones for which it must reject the message: unknown ones,
 * and those whose length or repetition is wrong, which count as unknown (RFC 7252 5.4.3, 5.4.5).
 * @param known options that the receiver understands.
 */
export function sortOptions(
  options: readonly CoapOption[],
  known: readonly OptionName[],
): { readonly usable: readonly CoapOption[]; readonly rejected: readonly CoapOption[] } {
  const usable: CoapOption[] = [];
  const rejected: CoapOption[] = [];
  for (const [index, option] of options.entries()) {
    const name = known.find((one) => OPTION_NUMBERS[one] === option.number);
    const limits = name === undefined ? undefined : LIMITS[name];
    const again = index > 0 && options[index - 1]?.number === option.number;
    const fits =
      limits !== undefined &&
      option.value.length >= limits[0] &&
      option.value.length <= limits[1] &&
      (limits[2] || !again);
    if (fits) usable.push(option);
    else if (isCritical(option.number)) rejected.push(option);
  }
  return { usable, rejected };
}

/** The first value of an option. */
export function optionValue(options: readonly CoapOption[], name: OptionName): Uint8Array | undefined {
  return options.find(({ number }) => number === OPTION_NUMBERS[name])?.value;
}

/** All values of a repeatable option as text. */
export function optionTexts(options: readonly CoapOption[], name: OptionName): string[] {
  return options
    .filter(({ number }) => number === OPTION_NUMBERS[name])
    .map(({ value }) => Buffer.from(value).toString('utf8'));
}

/** An option of format uint; undefined when there is none or it has more than 4 bytes. */
export function optionUint(options: readonly CoapOption[], name: OptionName): number | undefined {
  const value = optionValue(options, name);
  if (value === undefined || value.length > 4) return undefined;
  return value.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The shortest form, which RFC 7252 3.2 tells senders to use: zero is no byte at all. */
export function encodeUint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.from(bytes);
}

export function option(name: OptionName, value: Uint8Array | string | number): CoapOption {
  const number = OPTION_NUMBERS[name];
  if (typeof value === 'number') return { number, value: encodeUint(value) };
  return { number, value: typeof value === 'string' ? Uint8Array.from(Buffer.from(value)) : value };
}

/** Block1 or Block2 (RFC 7959 2.2). */
export interface Block {
  /** 0 to 1048575, counted in blocks of `size`. */
  readonly num: number;
  readonly more: boolean;
  /** 16, 32, ... 1024 bytes. */
  readonly size: number;
}

export const MAX_BLOCK_SIZE = 1024;
export const MAX_BLOCK_NUM = 0xfffff;

export function blockOption(name: 'Block1' | 'Block2', { num, more, size }: Block): CoapOption {
  return option(name, num * 16 + (more ? 8 : 0) + Math.log2(size) - 4);
}

/** @throws {CoapError} `coap-block` for the reserved size 7 and for a value of more than 3 bytes. */
export function blockOf(options: readonly CoapOption[], name: 'Block1' | 'Block2'): Block | undefined {
  const value = optionValue(options, name);
  if (value === undefined) return undefined;
  const number = optionUint(options, name) ?? 0;
  if (value.length > 3 || (number & 7) === 7) {
    throw new CoapError('coap-block', `a ${name} option that RFC 7959 2.2 does not allow`, {
      place: name,
      expected: 'at most 3 bytes, SZX 0 to 6',
      actual: Buffer.from(value).toString('hex').toUpperCase(),
    });
  }
  return { num: Math.floor(number / 16), more: (number & 8) !== 0, size: 2 ** ((number & 7) + 4) };
}

/** The greatest block size that is not over `bytes`, 16 at least. */
export function blockSizeFor(bytes: number): number {
  return Math.min(MAX_BLOCK_SIZE, 2 ** Math.max(4, Math.floor(Math.log2(Math.max(16, bytes)))));
}

/** Uri-Path options of a path: segments, or text with slashes between them. */
export function pathOptions(path: string | readonly string[]): CoapOption[] {
  const segments = typeof path === 'string' ? path.replace(/^\//, '').split('/') : path;
  if (segments.length === 1 && segments[0] === '') return [];
  return segments.map((segment) => option('Uri-Path', segment));
}
