/** Values in and out: what the encoder refuses, how values are written as text, and changed leaves. */
import { describe, expect, it } from 'vitest';
import {
  bitsOf,
  bytesToHex,
  decode,
  encode,
  fromText,
  hexToBytes,
  reencode,
  renderTree,
  toText,
  trimBits,
} from '../../../src/protocol/asn1/index.js';
import {
  EUICCInfo2,
  EimConfigurationData,
  EuiccPackageRequest,
  EuiccPackageResult,
  ProfileInfo,
  StoreMetadataRequest,
  VendorSpecificExtension,
} from '../../../src/protocol/types/index.js';

const bytesOf = (hex: string): Uint8Array => hexToBytes(hex) ?? expect.fail(`no hex: ${hex}`);
const encodeValue = encode as (type: unknown, value: unknown, options?: object) => Uint8Array;

const REQUEST =
  'BF5135302F800465696D315A1089049032123451234512345678901235810101' +
  'A012A30E5A0A980010325476981032140500A6005F370101';

describe('encode', () => {
  it.each([
    ['a missing field', { eimSignature: bytesOf('01') }, 'EuiccPackageRequest.euiccPackageSigned', 'nothing'],
    ['a stranger', { euiccPackageSigned: {}, eimSignature: bytesOf('01'), signature: 1 }, '', ''],
    ['no bytes', { euiccPackageSigned: {}, eimSignature: 'AA' }, 'EuiccPackageRequest.eimSignature', 'AA'],
    ['no map', 'BF51', 'EuiccPackageRequest', 'BF51'],
  ])('refuses %s with its place', (_what, value, place, actual) => {
    const expected: Record<string, unknown> = { code: 'encode-value' };
    if (place !== '') Object.assign(expected, { place, actual });
    expect(() => encodeValue(EuiccPackageRequest, value)).toThrow(expect.objectContaining(expected));
  });

  it('names the stranger among the fields', () => {
    expect(() => encodeValue(EimConfigurationData, { eimId: 'a', eimID: 'b' })).toThrow(
      expect.objectContaining({
        actual: 'eimID',
        expected: expect.stringContaining('eimId, eimFqdn') as string,
      }),
    );
  });

  it('refuses sizes, arms and half characters, with list places', () => {
    const result = (euiccResult: unknown[]): unknown => ({
      euiccPackageResultSigned: {
        euiccPackageResultDataSigned: { eimId: 'a', counterValue: 1, seqNumber: 1, euiccResult },
        euiccSignEPR: bytesOf('00'),
      },
    });
    const at = 'EuiccPackageResult.euiccPackageResultSigned.euiccPackageResultDataSigned.euiccResult[1]';
    expect(() => encodeValue(EuiccPackageResult, result([{ enableResult: 0 }, {}]))).toThrow(
      expect.objectContaining({ place: at, expected: 'exactly one arm' }),
    );
    expect(() => encodeValue(EuiccPackageResult, result([{ enableResult: 0 }, { enable: 0 }]))).toThrow(
      expect.objectContaining({ place: at, actual: 'enable' }),
    );
    expect(() =>
      encodeValue(EuiccPackageResult, result([{ enableResult: 0 }, { enableResult: 1.5 }])),
    ).toThrow(expect.objectContaining({ place: `${at}.enableResult`, actual: '1.5' }));
    expect(() => encode(EimConfigurationData, { eimId: '' })).toThrow(/1\.\.128 characters/);
    expect(() => encode(EimConfigurationData, { eimId: '\ud800' })).toThrow(/UTF8String/);
    expect(encode(EimConfigurationData, { eimId: '\u{1f4f6}'.repeat(128) }).length).toBe(
      2 + 2 + 2 + 3 + 512 - 1,
    );
    expect(() => encode(EimConfigurationData, { eimId: '\u{1f4f6}'.repeat(129) })).toThrow(/129 characters/);
  });

  it('writes what is wrong when it is told to', () => {
    expect(bytesToHex(encodeValue(EimConfigurationData, {}, { unchecked: true }))).toBe('3000');
    expect(bytesToHex(encodeValue(ProfileInfo, { fallbackAttribute: false }, { unchecked: true }))).toBe(
      'E3049F260100',
    );
    expect(bytesToHex(encode(ProfileInfo, { fallbackAttribute: false }))).toBe('E300');
  });

  it('leaves the DEFAULT out, and the decoder leaves it absent', () => {
    const value = { iccid: new Uint8Array(10), serviceProviderName: '', profileName: '', profileClass: 2 };
    const bytes = encode(StoreMetadataRequest, value);
    expect(bytesToHex(bytes)).not.toContain('950102');
    expect(decode(StoreMetadataRequest, bytes).value?.profileClass).toBeUndefined();
    expect(bytesToHex(encode(StoreMetadataRequest, { ...value, profileClass: 0 }))).toContain('950100');
  });

  it('puts an unknown extension back at its place', () => {
    const hex = 'E311' + '9F700101' + 'DF7F01AA' + '900141' + 'DF7E00' + '950101';
    const { ok, value } = decode(ProfileInfo, bytesOf(hex));
    expect(ok).toBe(true);
    expect(value?.$unknown?.map((u) => u.before)).toEqual([3, 4]);
    expect(bytesToHex(encode(ProfileInfo, value ?? {}))).toBe(hex);
    expect(encodeValue(ProfileInfo, fromText(ProfileInfo, toText(ProfileInfo, value)))).toEqual(bytesOf(hex));
  });

  it('wraps an open type in its explicit tag', () => {
    const value = [{ vendorOid: '2.5.4.3', vendorSpecificData: bytesOf('0401AA') }];
    const bytes = encode(VendorSpecificExtension, value);
    expect(bytesToHex(bytes)).toBe('300C300A8003550403A1030401AA');
    expect(decode(VendorSpecificExtension, bytes)).toMatchObject({ ok: true, value });
    expect(decode(VendorSpecificExtension, bytesOf('300930078003550403A100')).findings).toMatchObject([
      { code: 'missing-field', path: 'vendorSpecificExtension[0].vendorSpecificData' },
    ]);
  });

  it('does not keep two messages in one buffer', () => {
    const first = encode(EimConfigurationData, { eimId: 'a'.repeat(100) });
    const copy = first.slice();
    encode(EimConfigurationData, { eimId: 'b'.repeat(100) });
    expect(first).toEqual(copy);
  });
});

describe('text', () => {
  const { value } = decode(EuiccPackageRequest, bytesOf(REQUEST));

  it('is what a case writes', () => {
    expect(toText(EuiccPackageRequest, value)).toEqual({
      euiccPackageSigned: {
        eimId: 'eim1',
        eidValue: '89049032123451234512345678901235',
        counterValue: '1',
        euiccPackage: {
          psmoList: [{ enable: { iccid: '98001032547698103214', rollbackFlag: 'NULL' } }, { getRAT: {} }],
        },
      },
      eimSignature: '01',
    });
  });

  it('takes names, names with numbers, and numbers', () => {
    const result = (enableResult: string): unknown =>
      fromText(EuiccPackageResult, {
        euiccPackageResultSigned: {
          euiccPackageResultDataSigned: {
            eimId: 'a',
            counterValue: '0x10',
            seqNumber: '1',
            euiccResult: [{ enableResult }],
          },
          euiccSignEPR: '00',
        },
      });
    expect(result('catBusy')).toEqual(result('5'));
    expect(result('catBusy(5)')).toEqual(result('5'));
    for (const wrong of ['catBusy(6)', 'constructor', 'busy', ''])
      expect(() => result(wrong)).toThrow(expect.objectContaining({ code: 'value-text', actual: wrong }));
  });

  it.each([
    ['an unknown field', { eimId: 'a', eimName: 'b' }, 'EimConfigurationData'],
    ['a list for a map', ['a'], 'EimConfigurationData'],
    [
      'two arms',
      { eimId: 'a', eimPublicKeyData: { eimPublicKey: '3000', eimCertificate: '3000' } },
      'EimConfigurationData.eimPublicKeyData',
    ],
    ['no hex', { eimId: 'a', euiccCiPKId: 'xyz' }, 'EimConfigurationData.euiccCiPKId'],
    ['no bit', { eimId: 'a', eimSupportedProtocol: ['http'] }, 'EimConfigurationData.eimSupportedProtocol'],
    ['no integer', { eimId: 'a', counterValue: 'one' }, 'EimConfigurationData.counterValue'],
  ])('refuses %s with its place', (_what, text, place) => {
    expect(() => fromText(EimConfigurationData, text)).toThrow(
      expect.objectContaining({ code: 'value-text', place }),
    );
  });

  it('writes named bits by name, and trims them', () => {
    const info = fromText(EimConfigurationData, {
      eimId: 'a',
      eimSupportedProtocol: ['eimRetrieveHttps', '7'],
    });
    expect(bytesToHex(encodeValue(EimConfigurationData, info))).toBe('300780016187020081');
    expect(bitsOf([])).toEqual({ bytes: new Uint8Array(0), unusedBits: 0 });
    expect(trimBits({ bytes: bytesOf('8000'), unusedBits: 2 })).toEqual({
      bytes: bytesOf('80'),
      unusedBits: 7,
    });
  });
});

describe('reencode', () => {
  it('writes changed leaves and adjusts what is around them, keeping the forms of headers', () => {
    const decoded = decode(EuiccPackageRequest, bytesOf(REQUEST));
    const counter = decoded.node?.at('euiccPackageSigned.counterValue') ?? expect.fail('no counter');
    expect(bytesToHex(reencode(decoded, new Map([[counter, bytesOf('0100')]])))).toBe(
      REQUEST.replace('BF5135302F', 'BF51363030').replace('810101', '81020100'),
    );
    const loose = decode(EuiccPackageRequest, bytesOf(REQUEST.replace('BF5135302F', 'BF5182003630812F')));
    expect(bytesToHex(reencode(loose))).toBe(REQUEST.replace('BF5135302F', 'BF5182003630812F'));
    const again = loose.node?.at('euiccPackageSigned.counterValue') ?? expect.fail('no counter');
    expect(bytesToHex(reencode(loose, new Map([[again, bytesOf('0100')]])))).toBe(
      REQUEST.replace('BF5135302F', 'BF51820037308130').replace('810101', '81020100'),
    );
  });
});

describe('renderTree', () => {
  it('shows tag, name, value and offset', () => {
    const { node } = decode(EuiccPackageResult, bytesOf('BF5114A112300C800465696D318101010201045F370101'));
    expect(renderTree(node ?? expect.fail('no node'))).toBe(
      [
        'BF51 euiccPackageResult  @0x0',
        '  A1 euiccPackageErrorSigned  @0x3',
        '    30 euiccPackageErrorDataSigned  @0x5',
        '      80 eimId = "eim1"  @0x7',
        '      81 counterValue = 1  @0xd',
        '      02 euiccPackageErrorCode = replayError(4)  @0x10',
        '    5F37 euiccSignEPE = 01  @0x13',
      ].join('\n'),
    );
  });

  it('is cut where it gets long', () => {
    const { node } = decode(EUICCInfo2, bytesOf('BF2205810302030499'));
    expect(
      renderTree(node ?? expect.fail('no node'), 1)
        .split('\n')
        .at(-1),
    ).toBe('... cut here');
  });
});
