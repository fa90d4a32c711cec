import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eidWithCheckDigits, isValidEid } from '../../../src/protocol/pki/eid.js';

it.each([
  '89049032123451234512345678901235',
  '89086030202200000022000023022943',
  '89044045116727494800000004479366',
])('%s, published elsewhere, is valid', (eid) => {
  expect(isValidEid(eid)).toBe(true);
  expect(eidWithCheckDigits(eid.slice(0, 30))).toBe(eid);
});

it.each([
  '89049032123451234512345678901234',
  '',
  '1',
  '8904903212345123451234567890123a',
  ' 89049032123451234512345678901235',
])('"%s" is not', (eid) => {
  expect(isValidEid(eid)).toBe(false);
});

it('the check digits detect every single wrong digit', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^\d{30}$/),
      fc.nat(31),
      fc.integer({ min: 1, max: 9 }),
      (body, at, add) => {
        const eid = eidWithCheckDigits(body);
        expect(isValidEid(eid)).toBe(true);
        const digit = (Number(eid[at]) + add) % 10;
        expect(isValidEid(eid.slice(0, at) + String(digit) + eid.slice(at + 1))).toBe(false);
      },
    ),
  );
});

it('takes 30 digits only', () => {
  expect(() => eidWithCheckDigits('1')).toThrow(RangeError);
});
