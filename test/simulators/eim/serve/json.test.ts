/** The JSON binding: members as SGP.32 6.4 names them, against messages written down by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_DEFECTS } from '../../../../src/simulators/eim/serve/defects.js';
import { answerToJson } from '../../../../src/simulators/eim/serve/json/answers.js';
import { JSON_FUNCTIONS, requestFromJson } from '../../../../src/simulators/eim/serve/json/requests.js';
import { parseObject } from '../../../../src/simulators/eim/serve/json/values.js';
import type { EimVersion } from '../../../../src/simulators/eim/types.js';
import { Malformed } from '../../../../src/simulators/tlv/reader.js';
import { hex, unhex } from '../../../../src/simulators/tlv/writer.js';
import { askJson, openEsipa } from './support.js';

const EID = '89049032123451234512345678901235';
const b64 = (digits: string): string => Buffer.from(digits, 'hex').toString('base64');
const request = (name: string, body: Record<string, unknown>, version: EimVersion = '1.2'): string =>
  hex(requestFromJson(name, body, { version, defects: NO_DEFECTS }));
const answer = (
  name: string,
  digits: string,
  version: EimVersion = '1.2',
  errorForm: 'header' | 'body' = 'header',
) => answerToJson(name, unhex(digits), { version, defects: NO_DEFECTS, errorForm });

describe('requests', () => {
  it.each<[string, Record<string, unknown>, EimVersion, string]>([
    ['getEimPackage', { eidValue: EID }, '1.2', `BF4F125A10${EID}`],
    ['getEimPackage', {}, '1.2', 'BF4F00'],
    [
      'getEimPackage',
      { eidValue: EID, notifyStateChange: true, stateChangeCause: 1, rPlmn: 'YvIQ' },
      '1.2',
      `BF4F1C5A10${EID}8000810101820362F210`,
    ],
    // v1.0.1 has no cause, and the PLMN stands under 81.
    [
      'getEimPackage',
      { eidValue: EID, notifyStateChange: true, stateChangeCause: 1, rPlmn: 'YvIQ' },
      '1.0.1',
      `BF4F195A10${EID}8000810362F210`,
    ],
    ['getEimPackage', { eidValue: EID, notifyStateChange: false, unknown: [1] }, '1.2', `BF4F125A10${EID}`],
    [
      'provideEimPackageResult',
      { eidValue: EID, eimPackageResult: b64('BF5200') },
      '1.2',
      `BF50155A10${EID}BF5200`,
    ],
    ['provideEimPackageResult', { eimPackageResult: b64('BF5200') }, '1.2', 'BF5003BF5200'],
    ['provideEimPackageResult', { eidValue: EID, eimPackageResult: b64('BF5200') }, '1.0.1', 'BF5003BF5200'],
    ['handleNotification', { pendingNotification: b64('BF3700') }, '1.2', 'BF3D05A003BF3700'],
    ['handleNotification', { provideEimPackageResult: b64('BF5003BF5200') }, '1.2', 'BF3D06BF5003BF5200'],
    ['handleNotification', { provideEimPackageResult: b64('BF5003BF5200') }, '1.0.1', 'BF3D05A103BF5200'],
    [
      'initiateAuthentication',
      {
        euiccChallenge: b64('00112233445566778899AABBCCDDEEFF'),
        smdpAddress: 'a.b',
        euiccInfo1: b64('BF2000'),
        eimTransactionId: '0a0B',
      },
      '1.2',
      'BF391E811000112233445566778899AABBCCDDEEFF8303612E62BF200082020A0B',
    ],
    [
      'authenticateClient',
      { transactionId: '01', authenticateServerResponse: b64('BF3802A000') },
      '1.2',
      'BF3B08800101BF3802A000',
    ],
    [
      'getBoundProfilePackage',
      { transactionId: '01', prepareDownloadResponse: b64('BF2102A000') },
      '1.2',
      'BF3A08800101BF2102A000',
    ],
    [
      'cancelSession',
      { transactionId: '01', cancelSessionResponse: b64('BF4103810105') },
      '1.2',
      'BF4108800101A103810105',
    ],
  ])('%s %j v%s', (name, body, version, expected) => {
    expect(request(name, body, version)).toBe(expected);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['getEimPackage', { eidValue: 89 }, 'eidValue: expected pairs of hexadecimal digits'],
    ['getEimPackage', { eidValue: '890' }, 'eidValue: expected pairs of hexadecimal digits'],
    ['getEimPackage', { eidValue: EID, stateChangeCause: '1' }, 'stateChangeCause: expected a whole number'],
    ['getEimPackage', { eidValue: EID, stateChangeCause: 1.5 }, 'stateChangeCause: expected a whole number'],
    ['getEimPackage', { eidValue: EID, notifyStateChange: 'yes' }, 'notifyStateChange: expected true'],
    ['getEimPackage', { eidValue: EID, rPlmn: '62F210!' }, 'rPlmn: expected base64'],
    ['provideEimPackageResult', { eidValue: EID }, 'a mandatory element is missing'],
    ['provideEimPackageResult', { eimPackageResult: 'v1I' }, 'eimPackageResult: expected base64'],
    ['provideEimPackageResult', { eimPackageResult: b64('BF5200BF5200') }, 'bytes behind the element'],
    ['handleNotification', {}, 'a mandatory element is missing'],
    [
      'handleNotification',
      { pendingNotification: b64('BF3700'), provideEimPackageResult: b64('BF5000') },
      'expected pendingNotification or provideEimPackageResult, not both',
    ],
    [
      'handleNotification',
      { provideEimPackageResult: b64('BF5100') },
      'provideEimPackageResult: another object than this',
    ],
    [
      'authenticateClient',
      { authenticateServerResponse: b64('BF3802A000') },
      'a mandatory element is missing',
    ],
  ])('%s refuses %j', (name, body, message) => {
    expect(() => request(name, body)).toThrow(new Malformed(message));
  });

  it('foreign bytes are refused, or become one element', () => {
    const names = Object.keys(JSON_FUNCTIONS);
    const members = [
      ...['eidValue', 'eimPackageResult', 'pendingNotification', 'provideEimPackageResult', 'transactionId'],
      ...['rPlmn', 'stateChangeCause', 'notifyStateChange', 'euiccChallenge', '__proto__'],
    ];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      fc.constant(b64('BF5003BF5200')),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.dictionary(fc.constantFrom(...members), value),
        fc.constantFrom<EimVersion>('1.2', '1.0.1'),
        (name, body, version) => {
          try {
            expect(request(name, body, version)).toMatch(/^BF(39|3A|3B|3D|41|4F|50)/);
          } catch (error) {
            expect(error).toBeInstanceOf(Malformed);
          }
        },
      ),
    );
  });

  it('a body that is no JSON object is refused', () => {
    for (const text of ['', '{', '[]', 'null', '1', '"x"'])
      expect(() => parseObject(Buffer.from(text))).toThrow(Malformed);
    expect(() => parseObject(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(Malformed);
  });
});

describe('answers', () => {
  const success = { header: { functionExecutionStatus: { status: 'Executed-Success' } } };
  const failed = (subjectCode: string, reasonCode: string) => ({
    header: { functionExecutionStatus: { status: 'Failed', statusCodeData: { subjectCode, reasonCode } } },
  });

  it.each<[string, string, object]>([
    ['getEimPackage', 'BF4F07BF510430020000', { ...success, euiccPackageRequest: b64('BF510430020000') }],
    ['getEimPackage', 'BF4F05BF52025C00', { ...success, ipaEuiccDataRequest: b64('BF52025C00') }],
    ['getEimPackage', 'BF4F03BF5400', { ...success, profileDownloadTriggerRequest: b64('BF5400') }],
    ['getEimPackage', 'BF4F03020101', failed('8.1.1', '3.7')],
    ['getEimPackage', 'BF4F03020102', failed('8.1.1', '3.9')],
    ['getEimPackage', 'BF4F03020103', failed('8.1.1', '2.1')],
    ['getEimPackage', 'BF4F03020104', failed('8.1.1', '2.2')],
    ['getEimPackage', 'BF4F0302017F', failed('8.1', '4.2')],
    [
      'provideEimPackageResult',
      'BF5006BF5303800105',
      { ...success, eimAcknowledgements: b64('BF5303800105') },
    ],
    ['provideEimPackageResult', 'BF50023000', success],
    ['provideEimPackageResult', 'BF5000', success],
    ['provideEimPackageResult', 'BF5003020102', failed('8.1.1', '3.9')],
    ['provideEimPackageResult', 'BF5003020103', failed('8.1.1', '2.1')],
    ['provideEimPackageResult', 'BF5003020104', failed('8.1.1', '2.2')],
    ['initiateAuthentication', 'BF3903810134', failed('8.31.2', '3.10')],
    [
      'initiateAuthentication',
      'BF391EA01C80020A0B30030201015F37010004010730030201020C0141A202A000',
      {
        ...success,
        transactionId: '0A0B',
        serverSigned1: b64('3003020101'),
        serverSignature1: b64('5F370100'),
        euiccCiPKIdentifierToBeUsed: b64('040107'),
        serverCertificate: b64('3003020102'),
        matchingId: 'A',
        ctxParams1: b64('A000'),
      },
    ],
    ['authenticateClient', 'BF3B03820132', failed('8.2.8', '1.2')],
    ['getBoundProfilePackage', 'BF3A03810132', failed('8.2.9', '3.11')],
    [
      'getBoundProfilePackage',
      'BF3A08A006800101BF3600',
      { ...success, transactionId: '01', boundProfilePackage: b64('BF3600') },
    ],
    ['cancelSession', 'BF4102A000', success],
    ['cancelSession', 'BF4103810101', failed('8.10.1', '3.9')],
  ])('%s %s', (name, digits, expected) => {
    expect(answer(name, digits)).toEqual(expected);
  });

  it('tells an error of getEimPackage in the body, when asked to', () => {
    expect(answer('getEimPackage', 'BF4F03020101', '1.2', 'body')).toEqual({
      ...success,
      eimPackageError: 1,
    });
  });

  it('names the CI key as v1.0.1 does', () => {
    const told = answer('initiateAuthentication', 'BF3913A01130030201015F3701000401073003020102', '1.0.1');
    expect(Object.keys(told)).toContain('euiccCiPKIdToBeUsed');
  });
});

describe('over HTTPS', () => {
  it('answers 200 with the header, and 204 without a body', async () => {
    const { port, eim } = await openEsipa();
    const seen = await askJson(port, 'getEimPackage', { eidValue: EID });
    expect(seen).toEqual({
      status: 200,
      type: 'application/json;charset=UTF-8',
      json: {
        header: {
          functionExecutionStatus: {
            status: 'Failed',
            statusCodeData: { subjectCode: '8.1.1', reasonCode: '3.7' },
          },
        },
      },
    });
    expect(eim.asked).toEqual([`BF4F125A10${EID}`]);
    expect(await askJson(port, 'handleNotification', { pendingNotification: b64('BF3700') })).toMatchObject({
      status: 204,
      json: '',
    });
  });

  it('refuses what is no request, and knows no other function', async () => {
    const { port } = await openEsipa();
    expect((await askJson(port, 'getEimPackage', '{')).status).toBe(400);
    expect((await askJson(port, 'getEimPackage', '')).status).toBe(400);
    expect((await askJson(port, 'transferEimPackage', {})).status).toBe(404);
    expect((await askJson(port, 'toString', {})).status).toBe(404);
  });
});
