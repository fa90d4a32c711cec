import { describe, expect, it } from 'vitest';
import {
  bytesToHex,
  decode,
  encode,
  fromText,
  hexToBytes,
  reencode,
  toText,
} from '../../../src/protocol/asn1/index.js';
import { FciTemplate, typeByName } from '../../../src/protocol/types/index.js';
import { MALFORMED, MISTAKEN_FOR_EXTENSIONS, ROUND_TRIPS, UNTRIMMED_BITS } from './known-answers.js';

const bytesOf = (hex: string): Uint8Array => hexToBytes(hex) ?? expect.fail(`no hex: ${hex}`);

describe('messages of other encoders', () => {
  it.each(ROUND_TRIPS)('%s %s decodes and encodes to itself (%s)', (name, hex) => {
    const type = typeByName('1.2', name);
    const decoded = decode(type, bytesOf(hex));
    const violations = decoded.findings.filter((f) => f.severity === 'violation');
    expect(violations).toEqual([]);
    expect(bytesToHex(encode(type, decoded.value))).toBe(hex);
    expect(bytesToHex(reencode(decoded))).toBe(hex);
    expect(encode(type, fromText(type, toText(type, decoded.value)))).toEqual(bytesOf(hex));
  });

  it.each(UNTRIMMED_BITS)('%s %s is noted, kept, and has a DER form', (name, hex, der) => {
    const type = typeByName('1.2', name);
    const decoded = decode(type, bytesOf(hex));
    expect(decoded.ok).toBe(true);
    expect(decoded.findings.map((f) => f.code)).toEqual(['bit-string-trailing-zeros']);
    expect(bytesToHex(encode(type, decoded.value))).toBe(hex);
    expect(bytesToHex(reencode(decoded))).toBe(hex);
    expect(bytesToHex(encode(type, fromText(type, toText(type, decoded.value))))).toBe(der);
  });

  it('names an error code that has no name as a note', () => {
    const { ok, findings } = decode(typeByName('1.2', 'CancelSessionResponse'), bytesOf('BF4103810102'));
    expect(ok).toBe(true);
    expect(findings).toMatchObject([
      {
        code: 'unnamed-value',
        path: 'cancelSessionResponse.cancelSessionResponseError',
        offset: 5,
        actual: '2',
      },
    ]);
  });
});

describe('malformed messages from the field', () => {
  it.each(MALFORMED)('%s: %s %s is %s at %s', (_id, name, hex, code, path) => {
    const decoded = decode(typeByName('1.2', name), bytesOf(hex));
    expect(decoded.ok).toBe(false);
    expect(decoded.findings).toContainEqual(expect.objectContaining({ severity: 'violation', code, path }));
    expect(bytesToHex(reencode(decoded))).toBe(hex);
  });

  it('N4 names all three sizes', () => {
    const { findings } = decode(
      typeByName('1.2', 'EuiccPackageRequest'),
      bytesOf('BF511B3014800365696D5A020102810101A006A3045A0298105F3702AABB'),
    );
    expect(findings.map((f) => `${f.code} ${f.offset} ${f.expected}`)).toEqual([
      'size 12 16 bytes',
      'size 23 10 bytes',
    ]);
  });

  it.each(MISTAKEN_FOR_EXTENSIONS)('%s %s passes with a note only: %s', (name, hex) => {
    const { ok, findings } = decode(typeByName('1.2', name), bytesOf(hex));
    expect(ok).toBe(true);
    expect(findings.map((f) => f.code)).toEqual(['unknown-element']);
  });
});

describe('the answer to SELECT', () => {
  const E0 = 'E00582030205' + '00';
  const E1 = 'E104800206C0';
  const AID = '8410A0000005591010FFFFFFFF8900000100';

  it.each([
    ['in the usual order', `6F24${AID}A5049F6501FF${E0}${E1}`],
    ['in another order', `6F24${E1}A5049F6501FF${E0}${AID}`],
  ])('decodes %s', (_order, hex) => {
    const size = ((hex.length - 4) / 2).toString(16).toUpperCase();
    const decoded = decode(FciTemplate, bytesOf(`6F${size}${hex.slice(4)}`));
    expect(decoded.findings).toEqual([]);
    expect(decoded.value).toEqual({
      aid: bytesOf('A0000005591010FFFFFFFF8900000100'),
      proprietaryInformation: bytesOf('A5049F6501FF'),
      isdrProprietaryApplicationTemplate: { svn: bytesOf('020500') },
      isdrProprietaryApplicationTemplateIoT: {
        euiccConfiguration: { bytes: bytesOf('C0'), unusedBits: 6 },
      },
    });
  });

  it('keeps what it does not know', () => {
    const { ok, value } = decode(FciTemplate, bytesOf(`6F15${AID}C60100`));
    expect(ok).toBe(true);
    expect(value?.$unknown).toEqual([{ before: 1, bytes: bytesOf('C60100') }]);
  });
});
