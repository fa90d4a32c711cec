/** Data requests and download triggers, there and back. */
import { afterEach, describe, expect, it } from 'vitest';
import { topLevel } from '../../../src/protocol/asn1/index.js';
import { issueEuiccIdentity } from '../../../src/protocol/pki/issue-euicc.js';
import type { OrderRequest } from '../../../src/simulators/eim/index.js';
import { newEid } from '../../../src/simulators/euicc/identity.js';
import {
  acks,
  bytes,
  closeAll,
  Device,
  eimWith,
  EMPTY,
  hex,
  ICCID1,
  int,
  NO_PACKAGE,
  pki,
  t,
  text,
} from './bench.js';

afterEach(closeAll);

const enable = { operation: 'enable', iccid: ICCID1 } as const;
const inside = (der: string): string => hex(topLevel(bytes(der))[0]!.content);
const contents = (answer: string): string[] =>
  topLevel(topLevel(topLevel(bytes(answer))[0]!.content)[0]!.content).map((element) => hex(element.raw));
const transactionOf = (answer: string, tag: number): string =>
  hex(
    topLevel(topLevel(topLevel(bytes(answer))[0]!.content)[0]!.content).find((e) => e.tag === tag)!.content,
  );

type DataOrder = Extract<OrderRequest, { kind: 'ipaEuiccData' }>;
const order = (more: Omit<DataOrder, 'kind'> = {}): DataOrder => ({ kind: 'ipaEuiccData', ...more });

describe('IpaEuiccDataRequest', () => {
  it.each<[string, Omit<DataOrder, 'kind'>, string[]]>([
    ['default', {}, ['5C0D81BF20BF228384A5A6A8A9A0A2']],
    ['tagList as ordered', { tagList: 'bf22a8' }, ['5C03BF22A8']],
    ['CI', { tagList: 'A5A6', euiccCiPKIdentifierToBeUsed: 'f541' }, ['5C02A5A6', '0402F541']],
    [
      'seqNumber',
      { tagList: 'A0', searchCriteriaNotification: { seqNumber: 200 } },
      ['5C01A0', 'A104800200C8'],
    ],
    [
      'operation and result',
      {
        tagList: 'A0A2',
        searchCriteriaNotification: { profileManagementOperation: 'delete' },
        searchCriteriaEuiccPackageResult: { seqNumber: 5 },
      },
      ['5C02A0A2', 'A10481020410', 'A203800105'],
    ],
  ])('%s', async (_, more, expected) => {
    const device = await Device.of(await eimWith());
    await device.request(order(more));
    const answer = await device.poll();
    expect(contents(answer)).toEqual([...expected, t('83', transactionOf(answer, 0x83))]);
  });

  it('has the tags and the one criterion of v1.0.1, and no transaction id', async () => {
    const device = await Device.of(await eimWith({ sgp32Version: '1.0.1' }));
    await device.request(order({ searchCriteriaNotification: { profileManagementOperation: 'install' } }));
    expect(contents(await device.poll())).toEqual(['5C0D80BF20BF228384A5A688A9BF2B', 'A10481020780']);
    await expect(device.request(order({ tagList: '81' }))).rejects.toMatchObject({
      code: 'invalid-tag-list',
    });
  });

  it('refuses tags that IpaEuiccData does not have', async () => {
    const device = await Device.of(await eimWith());
    for (const tagList of ['5A', 'BF2D', 'BF2B', 'BF', ''])
      await expect(device.request(order({ tagList })), tagList).rejects.toMatchObject({
        code: 'invalid-tag-list',
      });
  });
});

describe('IpaEuiccDataResponse', () => {
  const capabilities = t('A8', t('80', '0298'), t('81', '0680'));

  it('is stored: information, capabilities, addresses, token', async () => {
    const device = await Device.of(await eimWith());
    await device.request(order());
    const transaction = transactionOf(await device.poll(), 0x83);
    const fields = [text('81', 'dp.example.com'), 'BF2003820101', 'BF22020500', text('83', 'ds.example.com')];
    const data = [
      ...fields,
      int('84', 300),
      t('87', transaction),
      capabilities,
      t('A9', '800435290611'),
    ].join('');
    expect(await device.provide(t('BF52', t('A0', data)), null)).toBe(EMPTY);
    expect(await device.view()).toMatchObject({
      defaultDpAddress: 'dp.example.com',
      euiccInfo1: 'BF2003820101',
      euiccInfo2: 'BF22020500',
      associationToken: 300,
      ipaFeatures: [
        'directRspServerCommunication',
        'eimCtxParams1Generation',
        'eimProfileMetadataVerification',
      ],
      ipaSupportedProtocols: ['ipaRetrieveHttps'],
      deviceInfo: 'A906800435290611',
    });
    await device.order(enable);
    device.token = 300;
    expect(await device.run(int('83', 0))).toBe(acks(1));
  });

  it('brings the certificates before the first package, nested or not, when their chain holds', async () => {
    for (const nested of [false, true]) {
      const eim = await eimWith();
      const device = await Device.of(eim, {
        eumCertificate: undefined,
        euiccCertificate: undefined,
      });
      await device.order(enable);
      const asked = await device.poll();
      expect(contents(asked)[0]).toBe('5C02A5A6');
      const { eumCertificate: eum, euiccCertificate: euicc } = device.certificates;
      const foreign = issueEuiccIdentity(pki, device.eid, ['NIST'], { foreign: 'forged-eum' }).entries[0]!;
      const form = (tag: string, der: string): string => t(tag, nested ? der : inside(der));
      const bad = form('A5', hex(foreign.eumCertificate)) + form('A6', hex(foreign.euiccCertificate));
      await device.provide(t('BF52', t('A0', bad, t('87', transactionOf(asked, 0x83)))));
      expect((await device.view()).euiccCertificate).toBeUndefined();
      const again = await device.poll();
      expect(contents(again)[0]).toBe('5C02A5A6');
      const good = form('A5', eum) + form('A6', euicc);
      await device.provide(t('BF52', t('A0', good, t('87', transactionOf(again, 0x83)))), null);
      expect((await device.view()).euiccCertificate).toBe(euicc);
      expect(await device.run(int('83', 0))).toBe(acks(1));
    }
  });

  it('does not believe the certificate of another EID', async () => {
    const device = await Device.of(await eimWith(), {
      eumCertificate: undefined,
      euiccCertificate: undefined,
    });
    const asked = await device.poll();
    const other = issueEuiccIdentity(pki, newEid(), ['NIST']).entries[0]!;
    const data = t('A5', inside(hex(other.eumCertificate))) + t('A6', inside(hex(other.euiccCertificate)));
    await device.provide(t('BF52', t('A0', data, t('87', transactionOf(asked, 0x83)))));
    expect((await device.view()).euiccCertificate).toBeUndefined();
  });

  it('acknowledges the notifications and results in it, once more when it comes again', async () => {
    const device = await Device.of(await eimWith());
    const { id } = await device.order(enable);
    await device.request(order());
    await device.poll();
    const result = device.result(int('83', 0), { seq: 21 });
    // The data request waits behind the package; the result arrives in its answer all the same.
    await device.provide(device.unsigned());
    const asked = await device.poll();
    const transaction = t('87', transactionOf(asked, 0x83));
    const answer = t('BF52', t('A0', t('A0', device.notification(22)), t('A2', result), transaction));
    expect(await device.provide(answer)).toBe(acks(21, 22));
    expect(await device.provide(answer)).toBe(acks(21, 22));
    expect(await device.eim.operator.orderView(id)).toMatchObject({ status: 'done', authenticated: true });
    expect((await device.view()).notificationsToForward).toBe(1);
    expect(await device.poll()).toBe(NO_PACKAGE);
  });

  it.each([
    [1, 'incorrectTagList'],
    [5, 'euiccCiPKIdNotFound'],
    [127, 'undefinedError'],
  ])('error %i is recorded as %s', async (code, name) => {
    for (const sgp32Version of ['1.2', '1.0.1'] as const) {
      const device = await Device.of(await eimWith({ sgp32Version }));
      const { id } = await device.request(order());
      const connection = {};
      const poll = bytes(t('BF4F', t('5A', device.eid)));
      await device.eim.handleEsipa(poll, connection);
      const arm = sgp32Version === '1.2' ? t('BF52', t('A1', int('02', code))) : t('BF52', int('81', code));
      const message = t('BF50', sgp32Version === '1.2' ? t('5A', device.eid) : '', arm);
      const answer = await device.eim.handleEsipa(bytes(message), connection);
      expect(hex(answer!)).toBe(sgp32Version === '1.2' ? EMPTY : 'BF5000');
      expect(await device.eim.operator.orderView(id)).toMatchObject({ status: 'failed', error: name });
    }
  });

  it('ecallActive is tried once more, later', async () => {
    const device = await Device.of(await eimWith());
    const { id } = await device.request(order());
    await device.poll();
    await device.provide(t('BF52', t('A1', int('02', 104))));
    expect(await device.eim.operator.orderView(id)).toMatchObject({
      status: 'pending',
      error: 'ecallActive',
    });
    await device.poll();
    await device.provide(t('BF52', t('A1', int('02', 104))));
    expect(await device.eim.operator.orderView(id)).toMatchObject({ status: 'failed', error: 'ecallActive' });
  });

  it('applies nothing that nobody asked for', async () => {
    const device = await Device.of(await eimWith());
    expect(await device.provide(t('BF52', t('A0', int('84', 300))))).toBe(EMPTY);
    expect((await device.view()).associationToken).toBe(7);
  });
});

describe('profile download triggers', () => {
  const download = (more: object): OrderRequest => ({ kind: 'profileDownload', ...more });

  it.each([
    [{ activationCode: 'LPA:1$dp.example.com$MATCH-1' }, t('A0', text('80', '1$dp.example.com$MATCH-1'))],
    [{ activationCode: '1$dp.example.com$$2.999.1$1' }, t('A0', text('80', '1$dp.example.com$$2.999.1$1'))],
    [{ contactDefaultSmdp: true }, 'A0028100'],
    [{ smdsAddress: '' }, 'A002A200'],
    [{ smdsAddress: 'ds.example.com' }, t('A0', t('A2', text('80', 'ds.example.com')))],
    [{}, undefined],
  ])('%j', async (more, expected) => {
    const device = await Device.of(await eimWith());
    await device.request(download(more));
    const answer = await device.poll();
    const transaction = t('82', transactionOf(answer, 0x82));
    expect(contents(answer)).toEqual(expected === undefined ? [transaction] : [expected, transaction]);
    expect(await device.poll()).toBe(answer);
  });

  it.each([
    '',
    '2$dp.example.com$X',
    '1$$X',
    '1$dp.example.com',
    'lpa',
    `1$dp.example.com$${'X'.repeat(250)}`,
  ])('refuses the Activation Code %j', async (activationCode) => {
    const device = await Device.of(await eimWith());
    await expect(device.request(download({ activationCode }))).rejects.toMatchObject({
      code: 'invalid-activation-code',
    });
    expect(await device.poll()).toBe(NO_PACKAGE);
  });

  it('ends with the ProfileInstallationResult, without an EID too', async () => {
    const device = await Device.of(await eimWith());
    const cases: [number | undefined, string, string | undefined][] = [
      [undefined, 'done', undefined],
      [9, 'failed', 'installFailedDueToIccidAlreadyExistsOnEuicc'],
    ];
    for (const [reason, status, error] of cases) {
      const { id } = await device.request(download({ contactDefaultSmdp: true }));
      const transaction = t('82', transactionOf(await device.poll(), 0x82));
      const seq = reason ?? 8;
      const answer = t('BF54', transaction, device.installation(seq, reason));
      expect(await device.provide(answer, null)).toBe(acks(seq));
      expect(await device.provide(answer, null)).toBe(acks(seq));
      expect(await device.eim.operator.orderView(id)).toMatchObject({ status, error });
    }
    expect((await device.view()).notificationsToForward).toBe(2);
  });

  it('ends with an error of the IPA, in the form of the version', async () => {
    const device = await Device.of(await eimWith());
    for (const [code, error] of [
      [104, 'ecallActive'],
      [127, 'undefinedError'],
    ] as const) {
      const { id } = await device.request(download({}));
      await device.poll();
      expect(await device.provide(t('BF54', t('30', int('80', code), '0402ABCD')))).toBe(EMPTY);
      expect(await device.eim.operator.orderView(id)).toMatchObject({ status: 'failed', error });
    }
    const older = await Device.of(await eimWith({ sgp32Version: '1.0.1' }));
    const { id } = await older.request(download({}));
    const transaction = t('82', transactionOf(await older.poll(), 0x82));
    expect(await older.provide(t('BF54', transaction, t('30', '8002ABCD')))).toBe('BF5000');
    expect(await older.eim.operator.orderView(id)).toMatchObject({
      status: 'failed',
      error: 'undefinedError',
    });
  });
});
