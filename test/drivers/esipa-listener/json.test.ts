/** The JSON binding, between the members and the messages that they stand for (SGP.32 6.4). */
import { describe, expect, it } from 'vitest';
import type { EsipaListener } from '../../../drivers/ipad-contract.js';
import { bytes, hex, message, open, post, type Answer } from './support.js';

const EID = '89044045930000000000001492294428';
const JSON_HEADERS = {
  Host: 'eim.example.com',
  'Content-Type': 'application/json;charset=UTF-8',
  'X-Admin-Protocol': 'gsma/rsp/v2.1.0',
  'User-Agent': 'gsma-rsp-ipad',
};
const b64 = (text: string): string => Buffer.from(text, 'hex').toString('base64');
const codes = (findings: readonly { severity: string; code: string }[]): string[] =>
  findings.map(({ severity, code }) => `${severity} ${code}`);

const call = (
  listener: EsipaListener,
  name: string,
  body: unknown,
  headers = JSON_HEADERS,
): Promise<Answer> =>
  post(listener, {
    path: `/gsma/rsp2/esipa/${name}`,
    headers,
    body: body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('requests', () => {
  it.each([
    ['1.2', 'getEimPackage', { eidValue: EID }, `BF4F125A10${EID}`],
    ['1.2', 'getEimPackage', { eidValue: EID, rPlmn: 'APEQ' }, `BF4F175A10${EID}820300F110`],
    ['1.0.1', 'getEimPackage', { eidValue: EID, rPlmn: 'APEQ' }, `BF4F175A10${EID}810300F110`],
    [
      '1.2',
      'provideEimPackageResult',
      { eidValue: EID, eimPackageResult: b64('A003020101') },
      `BF50175A10${EID}A003020101`,
    ],
    ['1.2', 'handleNotification', { pendingNotification: b64('BF37028100') }, 'BF3D07A005BF37028100'],
    [
      '1.0.1',
      'handleNotification',
      { provideEimPackageResult: b64('BF5006BF5203810101') },
      'BF3D08A106BF5203810101',
    ],
    [
      '1.2',
      'cancelSession',
      { transactionId: '01', cancelSessionResponse: b64('BF4103810105') },
      'BF4108800101A103810105',
    ],
  ] as const)('v%s, %s', async (sgp32Version, name, body, data) => {
    const listener = await open({ sgp32Version });
    const answer = call(listener, name, body);
    const arrived = await message(listener);
    expect(arrived).toMatchObject({ binding: 'json', findings: [] });
    expect(hex(arrived.data)).toBe(data);
    expect(arrived.facts['json']).toEqual(body);
    await arrived.reply({});
    expect((await answer).status).toBe(204);
  });

  it('members that are wrong are told, and what can be read is read', async () => {
    const listener = await open();
    const answer = call(listener, 'getEimPackage', {
      eidValue: EID.slice(2),
      stateChangeCause: '1',
      more: 1,
    });
    const arrived = await message(listener);
    expect(codes(arrived.findings)).toEqual([
      'violation json-member-form',
      'violation json-member-type',
      'note json-member-unknown',
    ]);
    expect(arrived.data.length).toBeGreaterThan(0);
    await arrived.reply({});
    await answer;
  });

  it.each([
    ['no JSON', 'getEimPackage', '{"eidValue":', ['violation json-body']],
    ['no object', 'getEimPackage', '[]', ['violation json-body']],
    ['a byte order mark', 'getEimPackage', `\uFEFF{"eidValue":"${EID}"}`, ['violation json-utf8']],
    [
      'no UTF-8',
      'getEimPackage',
      Uint8Array.of(0x22, 0xff, 0x22),
      ['violation json-utf8', 'violation json-body'],
    ],
    ['no function', 'getEimPackages', '{}', ['violation http-path']],
    ['a member missing', 'getEimPackage', '{}', ['violation json-member-missing']],
    ['nothing', 'getEimPackage', '', ['violation http-body']],
  ] as const)('%s', async (_name, functionName, body, findings) => {
    const listener = await open();
    const answer = call(listener, functionName, body);
    const arrived = await message(listener);
    expect(arrived.binding).toBe('json');
    expect(codes(arrived.findings)).toEqual(findings);
    await arrived.reply({ http: { status: 400 } });
    expect((await answer).status).toBe(400);
  });

  it('another media type, another charset', async () => {
    const listener = await open();
    for (const type of ['application/x-gsma-rsp-asn1', 'application/json;charset=latin1']) {
      const answer = call(
        listener,
        'getEimPackage',
        { eidValue: EID },
        { ...JSON_HEADERS, 'Content-Type': type },
      );
      const arrived = await message(listener);
      expect(codes(arrived.findings)).toEqual(['violation http-content-type']);
      expect(hex(arrived.data)).toBe(`BF4F125A10${EID}`);
      await arrived.reply({});
      await answer;
    }
  });

  it('is known by its media type where the path is none', async () => {
    const listener = await open();
    const answer = post(listener, {
      path: '/api/getEimPackage',
      headers: JSON_HEADERS,
      body: `{"eidValue":"${EID}"}`,
    });
    const arrived = await message(listener);
    expect(arrived.binding).toBe('json');
    expect(codes(arrived.findings)).toEqual(['violation http-path']);
    expect(hex(arrived.data)).toBe(`BF4F125A10${EID}`);
    await arrived.reply({});
    await answer;
  });
});

describe('answers', () => {
  const OK = { functionExecutionStatus: { status: 'Executed-Success' } };

  it.each([
    ['1.2', 'getEimPackage', 'BF4F05BF51023000', { header: OK, euiccPackageRequest: b64('BF51023000') }],
    [
      '1.2',
      'getEimPackage',
      'BF4F03020101',
      {
        header: {
          functionExecutionStatus: {
            status: 'Failed',
            statusCodeData: { subjectCode: '8.1.1', reasonCode: '3.7' },
          },
        },
      },
    ],
    ['1.2', 'provideEimPackageResult', 'BF50023000', { header: OK }],
    ['1.0.1', 'provideEimPackageResult', 'BF5000', { header: OK }],
    [
      '1.2',
      'provideEimPackageResult',
      'BF5006BF5303800105',
      { header: OK, eimAcknowledgements: b64('BF5303800105') },
    ],
    ['1.2', 'cancelSession', 'BF4102A000', { header: OK }],
  ] as const)('v%s, %s: %s', async (sgp32Version, name, answer, body) => {
    const listener = await open({ sgp32Version });
    const got = call(listener, name, {});
    const { events } = await (await message(listener)).reply({ message: bytes(answer) });
    const { status, headers, body: text } = await got;
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json;charset=UTF-8');
    expect(JSON.parse(text.toString())).toEqual(body);
    expect(Buffer.from(events[0]!.bytes!).toString()).toBe(text.toString());
  });

  it('any bytes as the body, with the media type of the binding', async () => {
    const listener = await open();
    const got = call(listener, 'getEimPackage', { eidValue: EID });
    await (await message(listener)).reply({ body: Buffer.from('{"header":{}}') });
    expect((await got).body.toString()).toBe('{"header":{}}');
    expect((await got).headers['content-type']).toBe('application/json;charset=UTF-8');
  });

  it('a message that JSON has no words for is refused, and may be answered otherwise', async () => {
    const listener = await open();
    const got = call(listener, 'getEimPackage', { eidValue: EID });
    const arrived = await message(listener);
    await expect(arrived.reply({ message: bytes('BF4F0402020001') })).rejects.toMatchObject({
      code: 'not-in-json',
    });
    await arrived.reply({ message: bytes('BF4F03020101') });
    expect((await got).status).toBe(200);
  });
});
