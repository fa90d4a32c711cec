import { describe, expect, it } from 'vitest';
import {
  blockOf,
  blockOption,
  blockSizeFor,
  encodeUint,
  option,
  optionUint,
  pathOptions,
  sortOptions,
} from '../../../src/transport/coap/options.js';
import { text } from './channels.js';

describe('uint', () => {
  it.each([
    [0, ''],
    [1, '01'],
    [255, 'ff'],
    [256, '0100'],
    [0xffffffff, 'ffffffff'],
  ])('%i is %s', (value, bytes) => {
    expect(Buffer.from(encodeUint(value)).toString('hex')).toBe(bytes);
    expect(optionUint([option('Size1', value)], 'Size1')).toBe(value);
  });
});

describe('blocks', () => {
  it.each([
    [{ num: 0, more: false, size: 16 }, ''],
    [{ num: 0, more: true, size: 1024 }, '0e'],
    [{ num: 3, more: true, size: 128 }, '3b'],
    [{ num: 0xfffff, more: true, size: 64 }, 'fffffa'],
  ])('%o is %s', (block, bytes) => {
    const encoded = blockOption('Block1', block);
    expect(Buffer.from(encoded.value).toString('hex')).toBe(bytes);
    expect(blockOf([encoded], 'Block1')).toEqual(block);
    expect(blockOf([encoded], 'Block2')).toBeUndefined();
  });

  it.each(['07', '0f', '01020304'])('%s is none', (bytes) => {
    const encoded = option('Block2', Uint8Array.from(Buffer.from(bytes, 'hex')));
    expect(() => blockOf([encoded], 'Block2')).toThrow(
      expect.objectContaining({ code: 'coap-block' }) as Error,
    );
  });

  it('a size is rounded down to one that exists', () => {
    expect([1, 16, 31, 32, 1023, 1024, 5000].map(blockSizeFor)).toEqual([16, 16, 16, 32, 512, 1024, 1024]);
  });
});

describe('which options a receiver may use', () => {
  it('unknown critical ones are rejected, unknown elective ones are left out', () => {
    const critical = { number: 65001, value: new Uint8Array(0) };
    const elective = { number: 65002, value: new Uint8Array(0) };
    const known = option('Uri-Path', 'x');
    expect(sortOptions([known, critical, elective], ['Uri-Path'])).toEqual({
      usable: [known],
      rejected: [critical],
    });
  });

  it('a repeated option that must not be, or one of a wrong length, counts as unknown', () => {
    const first = option('Accept', 42);
    const second = option('Accept', 43);
    const long = option('Content-Format', Uint8Array.of(1, 2, 3));
    expect(sortOptions([long, first, second], ['Accept', 'Content-Format'])).toEqual({
      usable: [first],
      rejected: [second],
    });
  });
});

it('a path is text or segments', () => {
  const segments = (path: string | string[]): string[] => pathOptions(path).map(({ value }) => text(value));
  expect(segments('/gsma/rsp2/asn1')).toEqual(['gsma', 'rsp2', 'asn1']);
  expect(segments('gsma/rsp2/')).toEqual(['gsma', 'rsp2', '']);
  expect(segments(['a/b', 'c'])).toEqual(['a/b', 'c']);
  expect(segments('')).toEqual([]);
  expect(segments('/')).toEqual([]);
});
