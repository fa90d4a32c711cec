/** The JSON binding member by member, against bytes written by hand (SGP.32 6.4.1). */
import { describe, expect, it } from 'vitest';
import {
  answerFromJson,
  answerToJson,
  requestFromJson,
  requestToJson,
} from '../../../src/protocol/esipa-json/index.js';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex').toUpperCase();
const b64 = (text: string): string => Buffer.from(text.replace(/\s/g, ''), 'hex').toString('base64');
const codes = (answer: { findings: readonly { severity: string; code: string; path: string }[] }): string[] =>
  answer.findings.map(({ severity, code, path }) => `${severity} ${code} ${path}`);

const EID = '89044045930000000000001492294428';
const OK = { functionExecutionStatus: { status: 'Executed-Success' } };
const failed = (subjectCode: string, reasonCode: string): object => ({
  header: { functionExecutionStatus: { status: 'Failed', statusCodeData: { subjectCode, reasonCode } } },
});

describe('requests', () => {
  it.each([
    ['1.2', 'BF4F195A108904404593000000000000149229442880008203 00F110', { rPlmn: 'APEQ' }],
    ['1.0.1', 'BF4F195A108904404593000000000000149229442880008103 00F110', { rPlmn: 'APEQ' }],
    ['1.2', 'BF4F175A10890440459300000000000014922944288000810101', { stateChangeCause: 1 }],
  ] as const)('GetEimPackage of v%s', (version, message, more) => {
    expect(requestToJson(version, bytes(message))).toEqual({
      functionName: 'getEimPackage',
      body: { eidValue: EID, notifyStateChange: true, ...more },
    });
  });

  it('InitiateAuthentication', () => {
    const challenge = '000102030405060708090A0B0C0D0E0F';
    const message = bytes(`BF391F 8110 ${challenge} 8303 612E62 BF2000 8203 0AbC01`);
    expect(requestToJson('1.2', message)).toEqual({
      functionName: 'initiateAuthentication',
      body: {
        euiccChallenge: b64(challenge),
        smdpAddress: 'a.b',
        euiccInfo1: b64('BF2000'),
        eimTransactionId: '0ABC01',
      },
    });
  });

  it('CancelSession: the response has its own tag in JSON', () => {
    const { body } = requestToJson('1.2', bytes('BF4108 800101 A103 810105'));
    expect(body).toEqual({ transactionId: '01', cancelSessionResponse: b64('BF4103810105') });
  });

  it.each([
    ['1.2', 'BF3D07A005BF370281 00', 'pendingNotification', 'BF37028100'],
    ['1.2', 'BF3D0BBF5008BF5205A103020101', 'provideEimPackageResult', 'BF5008BF5205A103020101'],
    ['1.0.1', 'BF3D08A106BF5203810101', 'provideEimPackageResult', 'BF5006BF5203810101'],
  ] as const)('HandleNotification of v%s: %s', (version, message, name, inside) => {
    expect(requestToJson(version, bytes(message)).body).toEqual({ [name]: b64(inside) });
  });

  it('ProvideEimPackageResult, and what is wrong inside stays wrong', () => {
    expect(requestToJson('1.2', bytes('BF5008 5A0189 BF51 02 FF81')).body).toEqual({
      eidValue: '89',
      eimPackageResult: b64('BF5102FF81'),
    });
    expect(requestToJson('1.0.1', bytes('BF5003020101')).body).toEqual({ eimPackageResult: b64('020101') });
  });

  it.each([
    ['another message', 'BF5103020101'],
    ['injection', 'BF4E020500'],
    ['bytes behind it', 'BF4F025A0000'],
    ['an element without a name', 'BF4F058E03010203'],
    ['the wrong order', 'BF4F0480005A00'],
    ['a long length', 'BF4F81025A00'],
    ['a NULL with contents', 'BF4F03800100'],
    ['a PendingNotification without its tag', 'BF3D05BF37028100'],
  ])('refuses %s', (_, message) => {
    expect(() => requestToJson('1.2', bytes(message))).toThrow(
      expect.objectContaining({ code: 'not-in-json' }),
    );
  });

  it('finds what a server must refuse', () => {
    const read = requestFromJson('1.2', 'getEimPackage', { eidValue: 'x', notifyStateChange: 1, more: 0 });
    expect(codes(read)).toEqual([
      'violation json-member-form json.eidValue',
      'violation json-member-type json.notifyStateChange',
      'note json-member-unknown json',
    ]);
    expect(hex(read.data)).toBe('BF4F00');
  });
});

describe('answers', () => {
  it('a package', () => {
    const body = { header: OK, euiccPackageRequest: b64('BF51023000') };
    const answer = answerFromJson('1.2', 'getEimPackage', 200, body);
    expect(hex(answer.data)).toBe('BF4F05BF51023000');
    expect(answer.findings).toEqual([]);
    expect(answer.members).toEqual({
      header: { functionExecutionStatus: { status: 'Executed-Success' } },
      euiccPackageRequest: 'v1ECMAA=',
    });
  });

  it('no package, in both forms', () => {
    const inHeader = answerFromJson('1.2', 'getEimPackage', 200, failed('8.1.1', '3.7'));
    const inBody = answerFromJson('1.2', 'getEimPackage', 200, { header: OK, eimPackageError: 1 });
    for (const answer of [inHeader, inBody]) {
      expect(hex(answer.data)).toBe('BF4F03020101');
      expect(answer.findings).toMatchObject([{ severity: 'note', code: 'json-error-form' }]);
    }
    expect(inHeader.findings[0]?.actual).not.toBe(inBody.findings[0]?.actual);
  });

  it.each([
    ['getEimPackage', '8.1.1', '3.9', '1.2', 'BF4F03020102'],
    ['getEimPackage', '8.1.1', '3.9', '1.0.1', 'BF4F0302017F'],
    ['getEimPackage', '9.9', '9.9', '1.2', 'BF4F0302017F'],
    ['provideEimPackageResult', '8.1.1', '2.2', '1.2', 'BF5003020104'],
    ['provideEimPackageResult', '8.1.1', '2.2', '1.0.1', ''],
    ['initiateAuthentication', '8.31.2', '3.10', '1.2', 'BF3903810134'],
    ['authenticateClient', '8.2.8', '1.2', '1.2', 'BF3B03820132'],
    ['getBoundProfilePackage', '8.8.5', '4.1', '1.2', 'BF3A03810106'],
    ['cancelSession', '8.10.1', '3.9', '1.2', 'BF4103810101'],
  ] as const)('%s failed with %s/%s in v%s', (name, subject, reason, version, data) => {
    expect(hex(answerFromJson(version, name, 200, failed(subject, reason)).data)).toBe(data);
  });

  it('acknowledgements, and none', () => {
    const some = { header: OK, eimAcknowledgements: b64('BF5303800107') };
    expect(hex(answerFromJson('1.2', 'provideEimPackageResult', 200, some).data)).toBe('BF5006BF5303800107');
    expect(hex(answerFromJson('1.2', 'provideEimPackageResult', 200, { header: OK }).data)).toBe(
      'BF50023000',
    );
    expect(hex(answerFromJson('1.0.1', 'provideEimPackageResult', 200, { header: OK }).data)).toBe('BF5000');
    expect(hex(answerFromJson('1.2', 'cancelSession', 200, { header: OK }).data)).toBe('BF4102A000');
  });

  const dp = {
    header: OK,
    transactionId: 'AB',
    smdpSigned2: b64('3000'),
    smdpSignature2: b64('5F370101'),
    smdpCertificate: b64('3001 00'),
  };
  const DP = 'BF3B12A010 8001AB 3000 5F370101 300100'.replace(/ /g, '');

  it('signatures as TLV and as bare value', () => {
    const bare = { ...dp, smdpSignature2: b64('01') };
    const expected = `BF3B0EA00C${DP.slice(10)}`;
    expect(hex(answerFromJson('1.2', 'authenticateClient', 200, dp).data)).toBe(expected);
    expect(hex(answerFromJson('1.2', 'authenticateClient', 200, bare).data)).toBe(expected);
  });

  it('AuthenticateClient of an SM-DS', () => {
    const answer = answerFromJson('1.2', 'authenticateClient', 200, { header: OK, transactionId: 'AB' });
    expect(hex(answer.data)).toBe('BF3B05A1038001AB');
  });

  it.each<[string, unknown, string[]]>([
    [
      'no header',
      { eimPackageError: 1 },
      ['violation json-header-missing json.header', 'note json-error-form json.eimPackageError'],
    ],
    [
      'an unknown status',
      { header: { functionExecutionStatus: { status: 'OK' } }, euiccPackageRequest: b64('BF5100') },
      ['violation json-header-status json.header.functionExecutionStatus.status'],
    ],
    ['no arm', { header: OK }, ['violation json-member-missing json']],
    [
      'two arms',
      { header: OK, euiccPackageRequest: b64('BF5100'), ipaEuiccDataRequest: b64('BF5200') },
      ['violation json-member-extra json.ipaEuiccDataRequest'],
    ],
    [
      'hex in place of base64',
      { header: OK, euiccPackageRequest: 'BF5100!' },
      [
        'violation json-base64 json.euiccPackageRequest',
        'violation json-member-der json.euiccPackageRequest',
      ],
    ],
    [
      'another TLV',
      { header: OK, euiccPackageRequest: b64('BF5200') },
      ['violation json-member-der json.euiccPackageRequest'],
    ],
    [
      'an object in place of base64',
      { header: OK, euiccPackageRequest: {} },
      ['violation json-member-type json.euiccPackageRequest'],
    ],
    ['a list', [], ['violation json-body json']],
    [
      'an extension',
      { header: OK, euiccPackageRequest: b64('BF5100'), vendor: 1 },
      ['note json-member-unknown json'],
    ],
  ])('%s', (_, body, expected) => {
    expect(codes(answerFromJson('1.2', 'getEimPackage', 200, body))).toEqual(expected);
  });

  it('lower-case hex is noted and read', () => {
    const answer = answerFromJson('1.2', 'authenticateClient', 200, { ...dp, transactionId: 'ab' });
    expect(codes(answer)).toEqual(['note json-hex-case json.transactionId']);
    expect(hex(answer.data)).toContain('8001AB');
  });

  it('under another HTTP status only a header makes it ESipa', () => {
    const page = answerFromJson('1.2', 'getEimPackage', 404, { error: 'not found' });
    expect(page).toMatchObject({ data: new Uint8Array(0), findings: [], members: { error: 'not found' } });
    expect(hex(answerFromJson('1.2', 'getEimPackage', 400, failed('8.1.1', '2.1')).data)).toBe(
      'BF4F03020103',
    );
  });

  it('depth and width of what came is bounded', () => {
    const deep: unknown = JSON.parse(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`m${i}`, i]));
    expect(JSON.stringify(answerFromJson('1.2', 'getEimPackage', 200, deep).members)).toBe(
      '{"a":[[[[["..."]]]]]}',
    );
    expect(Object.keys(answerFromJson('1.2', 'getEimPackage', 200, wide).members)).toHaveLength(256);
  });

  it('written by us, an error has one of its two forms', () => {
    const none = bytes('BF4F03020101');
    expect(answerToJson('1.2', none).body).toEqual(failed('8.1.1', '3.7'));
    expect(answerToJson('1.2', none, { errorForm: 'body' }).body).toEqual({ header: OK, eimPackageError: 1 });
  });
});
