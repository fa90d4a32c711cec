import { describe, expect, it } from 'vitest';
import { bytesToHex, decode, hexToBytes, mutate, type Mutation } from '../../../src/protocol/asn1/index.js';
import { EuiccPackageRequest } from '../../../src/protocol/types/index.js';

const bytesOf = (hex: string): Uint8Array => hexToBytes(hex) ?? expect.fail(`no hex: ${hex}`);

/** eim1, counter 1, enable with rollback and getRAT. */
const GOOD =
  'BF5135302F800465696D315A1089049032123451234512345678901235810101' +
  'A012A30E5A0A980010325476981032140500A6005F370101';

const apply = (...mutations: Mutation[]): string =>
  bytesToHex(mutate(EuiccPackageRequest, bytesOf(GOOD), mutations));
const codes = (hex: string): string[] =>
  decode(EuiccPackageRequest, bytesOf(hex)).findings.map((f) => f.code);

const PSMO = 'euiccPackageSigned.euiccPackage.psmoList';
const COUNTER = 'euiccPackageSigned.counterValue';

describe('mutate', () => {
  it('without mutations gives the bytes back', () => {
    expect(codes(GOOD)).toEqual([]);
    expect(apply()).toBe(GOOD);
  });

  it('flips one bit, the last by default', () => {
    expect(apply({ op: 'flipBit', path: 'eimSignature' })).toBe(GOOD.replace(/5F370101$/, '5F370100'));
    expect(apply({ op: 'flipBit', path: 'eimSignature', bit: 0 })).toBe(
      GOOD.replace(/5F370101$/, '5F370181'),
    );
  });

  it('flips a bit in what a constructed element contains', () => {
    expect(apply({ op: 'flipBit', path: 'euiccPackageSigned' })).toBe(GOOD.replace('A6005F37', 'A6015F37'));
  });

  it('replaces a tag, and nothing else', () => {
    expect(apply({ op: 'replaceTag', path: COUNTER, tag: 0x9f55 })).toContain('9F550101');
    expect(codes(apply({ op: 'replaceTag', path: '', tag: 0xbf52 }))).toEqual(['wrong-tag']);
  });

  it('replaces contents and adjusts every length around them', () => {
    const hex = apply({ op: 'replaceContent', path: COUNTER, bytes: bytesOf('008000') });
    expect(codes(hex)).toEqual([]);
    expect(hex).toContain('8103008000');
  });

  it('drops, doubles and swaps elements', () => {
    expect(codes(apply({ op: 'drop', path: COUNTER }))).toEqual(['missing-field']);
    expect(codes(apply({ op: 'duplicate', path: COUNTER }))).toEqual(['duplicate-field']);
    expect(codes(apply({ op: 'swap', path: COUNTER, other: 'euiccPackageSigned.eimId' }))).toEqual([
      'out-of-order',
      'out-of-order',
    ]);
  });

  it('reaches into lists, by either spelling', () => {
    const without = apply({ op: 'drop', path: `${PSMO}[0].enable.rollbackFlag` });
    expect(codes(without)).toEqual([]);
    expect(apply({ op: 'drop', path: `${PSMO}.0.enable.rollbackFlag` })).toBe(without);
    expect(apply({ op: 'drop', path: `${PSMO}[1]` })).not.toContain('A600');
  });

  it('appends inside and inserts behind', () => {
    expect(apply({ op: 'append', path: PSMO, bytes: bytesOf('A500') })).toContain('A600A5005F37');
    const behind = apply({ op: 'insertAfter', path: COUNTER, bytes: bytesOf('9F7F0100') });
    expect(behind).toContain('8101019F7F0100');
    expect(codes(behind)).toEqual(['unknown-element']);
  });

  it('lies about a length without adjusting what is around it', () => {
    const hex = apply({ op: 'wrongLength', path: 'eimSignature', by: 3 });
    expect(hex.length).toBe(GOOD.length);
    expect(hex).toMatch(/5F370401$/);
    expect(codes(hex)).toEqual(['overrun']);
  });

  it('writes a longer length than DER allows', () => {
    const hex = apply({ op: 'nonMinimalLength', path: COUNTER });
    expect(hex).toContain('81810101');
    expect(codes(hex)).toEqual(['non-minimal-length']);
  });

  it('truncates contents', () => {
    const hex = apply({ op: 'truncate', path: `${PSMO}[0].enable.iccid`, by: 8 });
    expect(hex).toContain('5A029800');
    expect(codes(hex)).toEqual(['size']);
  });

  it('applies several, in order', () => {
    const hex = apply({ op: 'flipBit', path: 'eimSignature' }, { op: 'flipBit', path: 'eimSignature' });
    expect(hex).toBe(GOOD);
  });

  it('names a path that is not there, and what is', () => {
    expect(() => apply({ op: 'drop', path: 'euiccPackageSigned.counter' })).toThrow(
      expect.objectContaining({
        code: 'mutation-path',
        actual: 'counter',
        expected: expect.stringContaining('counterValue') as string,
      }),
    );
    expect(() => apply({ op: 'drop', path: '' })).toThrow(/root/);
    expect(() => apply({ op: 'flipBit', path: 'eimSignature', bit: 99 })).toThrow(/bit 99/);
  });
});
