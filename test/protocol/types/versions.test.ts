import { describe, expect, it } from 'vitest';
import { bytesToHex, decode, encode, hexToBytes } from '../../../src/protocol/asn1/index.js';
import {
  ES10_FUNCTIONS,
  SGP32_VERSIONS,
  V1_0_1,
  closest,
  es10FunctionByName,
  es10FunctionByTag,
  otherVersion,
  typeByName,
  typesFor,
  type Sgp32Version,
} from '../../../src/protocol/types/index.js';

const bytesOf = (hex: string): Uint8Array => hexToBytes(hex) ?? expect.fail(`no hex: ${hex}`);

/** The same message in both versions. [name in v1.0.1, bytes, name in v1.2, bytes] */
const PAIRS: readonly (readonly [string, string, string, string])[] = [
  [
    'GetEimPackageRequest',
    'BF4F195A10890440459300000000000014922944288000810300F110',
    'GetEimPackageRequest',
    'BF4F195A10890440459300000000000014922944288000820300F110',
  ],
  ['ProvideEimPackageResult', 'BF5003020101', 'ProvideEimPackageResult', 'BF5005A003020101'],
  ['ProvideEimPackageResultResponse', 'BF5000', 'ProvideEimPackageResultResponse', 'BF50023000'],
  ['IpaEuiccDataResponse', 'BF5203810101', 'IpaEuiccDataResponse', 'BF5205A103020101'],
  [
    'ProfileDownloadTriggerResult',
    'BF5406300480020102',
    'ProfileDownloadTriggerResult',
    'BF5409300780016804020102',
  ],
  [
    'HandleNotificationEsipa',
    'BF3D08A106BF5203810101',
    'HandleNotificationEsipa',
    'BF3D0BBF5008BF5205A103020101',
  ],
  ['EuiccMemoryResetRequest', 'BF340482020410', 'EuiccMemoryResetRequest', 'BF640482020204'],
  ['EuiccMemoryResetResponse', 'BF3406020100810100', 'EuiccMemoryResetResponse', 'BF6406800100810100'],
  ['EnableUsingDDRequest', 'BF5A00', 'ImmediateEnableRequest', 'BF5A038001FF'],
  ['EimIdInfo', '3008800365494D840101', 'EimIdInfo', '3008800365494D820101'],
];

describe('messages that differ between v1.0.1 and v1.2', () => {
  type Case = { own: Sgp32Version; name: string; hex: string; other: Sgp32Version; there: string };
  const cases = PAIRS.flatMap(([oldName, oldHex, newName, newHex]): Case[] => [
    {
      own: '1.0.1',
      name: oldName,
      hex: oldHex,
      other: '1.2',
      there: newName,
    },
    {
      own: '1.2',
      name: newName,
      hex: newHex,
      other: '1.0.1',
      there: oldName,
    },
  ]);

  it.each(cases)('v$own $name $hex is clean in its version only', ({ own, name, hex, other, there }) => {
    const type = typeByName(own, name);
    const decoded = decode(type, bytesOf(hex));
    expect(decoded.findings).toEqual([]);
    expect(bytesToHex(encode(type, decoded.value))).toBe(hex);
    expect(otherVersion(own, name, bytesOf(hex))).toBeUndefined();
    expect(decode(typeByName(other, there), bytesOf(hex)).findings).not.toEqual([]);
    expect(otherVersion(other, there, bytesOf(hex))).toEqual({
      version: own,
      type: name,
      message: `this is v${own}'s ${name}`,
    });
  });

  it('says nothing about bytes that fit neither', () => {
    expect(otherVersion('1.2', 'ProvideEimPackageResult', bytesOf('BF5003040101'))).toBeUndefined();
    expect(otherVersion('1.2', 'ProvideEimPackageResult', new Uint8Array(0))).toBeUndefined();
  });

  it("reads v1.0.1's rPLMN as a cause that has no name, without a violation", () => {
    const request = typeByName('1.2', 'GetEimPackageRequest');
    const { ok, value, findings } = decode(
      request,
      bytesOf('BF4F195A10890440459300000000000014922944288000810300F110'),
    );
    expect(ok).toBe(true);
    expect(value).toMatchObject({ stateChangeCause: 61712 });
    expect(findings.map((f) => f.code)).toEqual(['unnamed-value']);
  });
});

describe('types by name', () => {
  it('know every module, and keep the names apart that two of them use', () => {
    const new12 = typesFor('1.2');
    expect(new12['ProfileInfo']?.fields?.map((f) => f.name)).toContain('fallbackAttribute');
    expect(new12['RSP.ProfileInfo']?.fields?.map((f) => f.name)).not.toContain('fallbackAttribute');
    const old = typesFor('1.0.1');
    expect(old['ProfileInfo']).toBe(old['RSP.ProfileInfo']);
    expect(old['ProvideEimPackageResult']).toBe(V1_0_1.ProvideEimPackageResult);
    expect(old['ImmediateEnableRequest']).toBeUndefined();
    expect(old['SetDefaultDpAddressRequest']?.tag).toBe(0xbf3f);
    expect(new12['SetDefaultDpAddressRequest']?.tag).toBe(0xbf65);
    for (const version of SGP32_VERSIONS)
      for (const [name, type] of Object.entries(typesFor(version)))
        expect(name.replace(/^RSP\./, '')).toBe(type.name);
  });

  it('propose the nearest name', () => {
    expect(() => typeByName('1.2', 'EuiccPackageReqest')).toThrow(
      expect.objectContaining({
        code: 'unknown-type',
        actual: 'EuiccPackageReqest',
        repair: expect.stringContaining('Did you mean EuiccPackageRequest') as string,
      }),
    );
    expect(() => typeByName('1.2', 'EnableUsingDDRequest')).toThrow(/v1\.0\.1 has it/);
    expect(() => typeByName('1.2', 'constructor')).toThrow(/no ASN\.1 type/);
    expect(closest('x'.repeat(500), ['a', 'b'])).toEqual([]);
  });
});

describe('ES10 functions', () => {
  it.each(SGP32_VERSIONS)('of v%s have types with their tag, and one function a tag and name', (version) => {
    const functions = ES10_FUNCTIONS.filter((f) => f.versions.includes(version));
    expect(new Set(functions.map((f) => f.tag)).size).toBe(functions.length);
    expect(new Set(functions.map((f) => f.name)).size).toBe(functions.length);
    for (const f of functions) {
      expect(typeByName(version, f.request).tag).toBe(f.tag);
      expect(typeByName(version, f.response).tag).toBe(f.tag === 0xbf36 ? 0xbf37 : f.tag);
      expect(es10FunctionByTag(version, f.tag)).toBe(f);
      expect(es10FunctionByName(version, f.name)).toBe(f);
    }
  });

  it('mean other things by one tag in the two versions', () => {
    expect(es10FunctionByTag('1.0.1', 0xbf5a)?.name).toBe('EnableUsingDD');
    expect(es10FunctionByTag('1.2', 0xbf5a)?.name).toBe('ImmediateEnable');
    expect(es10FunctionByTag('1.0.1', 0xbf64)).toBeUndefined();
    expect(es10FunctionByTag('1.2', 0xbf34)?.request).toBe('RSP.EuiccMemoryResetRequest');
    expect(es10FunctionByTag('1.0.1', 0xbf34)?.request).toBe('EuiccMemoryResetRequest');
    expect(es10FunctionByTag('1.2', 0xbf44)).toBeUndefined();
  });
});
