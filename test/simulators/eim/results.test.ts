/** Results of packages: which are believed, and what they change. Signed by the test, not by S_eUICC. */
import { afterEach, describe, expect, it } from 'vitest';
import { issueEuiccIdentity } from '../../../src/protocol/pki/issue-euicc.js';
import type { PackageOperation } from '../../../src/simulators/eim/index.js';
import { newEid } from '../../../src/simulators/euicc/identity.js';
import {
  acks,
  closeAll,
  Device,
  eimWith,
  EMPTY,
  hex,
  ICCID1,
  ICCID2,
  int,
  NO_PACKAGE,
  pki,
  t,
} from './bench.js';

afterEach(closeAll);

const enable = { operation: 'enable', iccid: ICCID1 } as const;
const enable2 = { operation: 'enable', iccid: ICCID2 } as const;
const list = { operation: 'listProfileInfo' } as const;
const OK = int('83', 0);
const listed = (...infos: [string, number, string?][]): string =>
  t(
    'BF2D',
    t('A0', ...infos.map(([iccid, state, more]) => t('E3', t('5A', iccid), int('9F70', state), more ?? ''))),
  );

async function fresh(options = {}): Promise<Device> {
  return Device.of(await eimWith(options));
}

const outcome = async (device: Device, id: string) => {
  const { status, error, results, authenticated } = await device.eim.operator.orderView(id);
  return { status, error, codes: results.map((r) => r.code), authenticated };
};

describe('results that are believed', () => {
  it('acknowledges the seqNumber, records the code and the state', async () => {
    const device = await fresh();
    const { id } = await device.order(enable);
    expect(await device.run(OK, { seq: 300 })).toBe(acks(300));
    expect(await outcome(device, id)).toEqual({
      status: 'done',
      error: undefined,
      codes: ['ok'],
      authenticated: true,
    });
    expect((await device.view()).profiles).toEqual([
      { iccid: ICCID1, state: 'enabled', fallbackAttribute: false },
    ]);
    expect(await device.poll()).toBe(NO_PACKAGE);
  });

  it('takes lengths and numbers that are longer than DER wants, if they are signed so', async () => {
    const device = await fresh();
    const { id } = await device.order(enable);
    const longer = (data: string): string => {
      const inner = data.slice(4).replace(/8101(..)82/, '81020' + '0$182');
      return `3081${(inner.length / 2).toString(16).toUpperCase()}${inner}`;
    };
    expect(await device.run(OK, { data: longer })).toBe(acks(1));
    expect((await outcome(device, id)).status).toBe('done');
  });

  it('acknowledges a repeated result again and applies it once', async () => {
    const device = await fresh();
    await device.order(enable);
    await device.poll();
    const result = device.result(OK);
    expect(await device.provide(result)).toBe(acks(1));
    await device.order({ operation: 'disable', iccid: ICCID1 });
    await device.run(int('84', 0));
    expect(await device.provide(result)).toBe(acks(1));
    expect((await device.view()).profiles[0]?.state).toBe('disabled');
  });

  it('finds the device by transaction id, and by its signature when there is none', async () => {
    for (const transactionIds of [true, false]) {
      const eim = await eimWith({ transactionIds });
      const [one, two] = [await Device.of(eim), await Device.of(eim)];
      const orders = [await one.order(enable), await two.order(enable)];
      await one.poll();
      await two.poll();
      expect(await two.provide(two.result(OK), null)).toBe(acks(1));
      expect(await outcome(one, orders[0]!.id)).toMatchObject({ status: 'delivered' });
      expect(await outcome(two, orders[1]!.id)).toMatchObject({ status: 'done' });
    }
  });

  it('takes an authenticated result after an unauthenticated error', async () => {
    const device = await fresh();
    const { id } = await device.order(enable);
    await device.poll();
    expect(await device.provide(device.unsigned(int('84', 99)))).toBe(EMPTY);
    expect(await outcome(device, id)).toEqual({
      status: 'failed',
      error: 'euiccPackageErrorUnsigned',
      codes: [],
      authenticated: false,
    });
    expect(await device.view()).toMatchObject({ profiles: [], associationToken: 7 });
    expect(await device.provide(device.result(OK))).toBe(acks(1));
    expect(await outcome(device, id)).toMatchObject({ status: 'done', authenticated: true });
  });

  it('records the code of an unsigned error of v1.3', async () => {
    const device = await fresh();
    const { id } = await device.order(enable);
    await device.poll();
    await device.provide(device.unsigned(int('8F', 15)));
    expect(await outcome(device, id)).toMatchObject({ error: 'sizeOverflow', authenticated: false });
  });

  it.each([
    [3, 'invalidEid'],
    [4, 'replayError'],
    [6, 'counterValueOutOfRange'],
    [15, 'sizeOverflow'],
    [104, 'ecallActive'],
    [127, 'undefinedError'],
  ])('signed package error %i: %s', async (code, error) => {
    const device = await fresh();
    const { id } = await device.order(enable);
    await device.poll();
    expect(await device.provide(device.error(code))).toBe(EMPTY);
    expect(await outcome(device, id)).toEqual({ status: 'failed', error, codes: [], authenticated: true });
    await device.order(enable);
    await device.poll();
    expect(device.counter).toBe(code === 4 ? 1003 : 3);
    expect((await device.view()).profiles).toEqual([]);
  });
});

describe('results that are not believed', () => {
  const stranger = issueEuiccIdentity(pki, newEid(), ['NIST']);
  const forgeries: [string, (d: Device) => string][] = [
    ['altered signature', (d) => d.result(OK).replace(/..$/, (last) => (last === '00' ? '01' : '00'))],
    ['altered data', (d) => d.result(OK, { sent: (data) => data.replace(/830100$/, '830102') })],
    ['another eUICC', (d) => d.result(OK, { key: stranger })],
    ['no token in the signature', (d) => d.result(OK, { token: null })],
    ['another token', (d) => d.result(OK, { token: 8 })],
    ['lower counterValue', (d) => d.result(OK, { counter: d.counter - 1 })],
    ['higher counterValue', (d) => d.result(OK, { counter: d.counter + 1 })],
    ['unknown transaction', (d) => d.result(OK, { transaction: 'AB'.repeat(16) })],
    ['no transaction', (d) => d.result(OK, { transaction: null })],
    ['another eIM', (d) => d.result(OK, { eimId: 'testeim2' })],
    ['another operation', (d) => d.result(int('84', 0))],
    ['more results than operations', (d) => d.result(OK + OK)],
    ['DER signature', (d) => d.result(OK, { der: true })],
    ['signed error, altered', (d) => d.error(4).replace(/..$/, (last) => (last === '00' ? '01' : '00'))],
  ];
  it.each(forgeries)('%s', async (_, forge) => {
    const device = await fresh();
    const { id } = await device.order(enable);
    await device.poll();
    expect(await device.provide(forge(device))).toBe(EMPTY);
    expect(await device.provide(t('30', forge(device), t('A0', device.notification(9))))).toBe(EMPTY);
    expect(await outcome(device, id)).toMatchObject({ status: 'delivered', codes: [] });
    expect(await device.view()).toMatchObject({ profiles: [], notificationsToForward: 0 });
    // The control: the same package, answered as it should be.
    expect(await device.provide(device.result(OK, { seq: 40 }))).toBe(acks(40));
    expect(await outcome(device, id)).toMatchObject({ status: 'done' });
  });

  it('a result without any order, and one for an older package', async () => {
    const device = await fresh();
    device.counter = 2;
    expect(await device.provide(device.result(OK, { transaction: null }))).toBe(EMPTY);
    await device.order(enable);
    await device.poll();
    const older = device.result(OK);
    await device.provide(older);
    const { id } = await device.order(enable2);
    await device.poll();
    expect(await device.provide(older)).toBe(acks(2));
    expect(await outcome(device, id)).toMatchObject({ status: 'delivered' });
    expect((await device.view()).profiles.map((p) => p.iccid)).toEqual([ICCID1]);
  });
});

describe('operations and their results', () => {
  const run = async (operations: PackageOperation[], elements: string, device?: Device) => {
    const used = device ?? (await fresh());
    const { id } = await used.order(...operations);
    await used.run(elements);
    const view = await used.eim.operator.orderView(id);
    return { ...view, codes: view.results.map((r) => r.code), device: used };
  };

  it.each<[PackageOperation, string, string]>([
    [enable, int('83', 20), 'rollbackNotAvailable'],
    [enable, int('83', 5), 'catBusy'],
    [{ operation: 'disable', iccid: ICCID1 }, int('84', 2), 'profileNotInEnabledState'],
    [{ operation: 'delete', iccid: ICCID1 }, int('85', 21), 'returnFallbackProfile'],
    [list, 'BF2D0381010B', 'profileChangeOngoing'],
    [{ operation: 'configureImmediateEnable' }, int('87', 1), 'insufficientMemory'],
    [{ operation: 'setFallbackAttribute', iccid: ICCID1 }, int('8D', 3), 'fallbackProfileEnabled'],
    [{ operation: 'unsetFallbackAttribute' }, int('8E', 2), 'noFallbackAttribute'],
    [{ operation: 'setDefaultDpAddress', defaultDpAddress: 'a.b' }, 'BF650380017F', 'undefinedError'],
    [{ operation: 'addEim', eim: { eimId: 'x' } }, 'A803020105', 'invalidAssociationToken'],
    [{ operation: 'deleteEim', eimId: 'x' }, int('89', 1), 'eimNotFound'],
    [{ operation: 'updateEim', eim: { eimId: 'x' } }, int('8A', 6), 'counterValueOutOfRange'],
    [{ operation: 'listEim' }, 'AB0381017F', 'undefinedError'],
    [enable, int('83', 99), '99'],
  ])('%j: %s is %s', async (operation, element, code) => {
    const { status, codes, device } = await run([operation], element);
    expect([status, codes]).toEqual(['failed', [code]]);
    expect(await device.view()).toMatchObject({ profiles: [], eims: ['testeim1'] });
  });

  it('several operations; the first that fails ends the package', async () => {
    const operations: PackageOperation[] = [
      { operation: 'disable', iccid: ICCID1 },
      { operation: 'delete', iccid: ICCID1 },
      enable2,
    ];
    const failed = await run(operations, int('84', 0) + int('85', 3));
    expect([failed.status, failed.error, failed.codes]).toEqual([
      'failed',
      undefined,
      ['ok', 'disallowedByPolicy', 'notExecuted'],
    ]);
    const done = await run(operations, int('84', 0) + int('85', 0) + OK);
    expect(done.status).toBe('done');
    expect((await done.device.view()).profiles).toMatchObject([{ iccid: ICCID2, state: 'enabled' }]);
  });

  it('fewer results without a reason, and processingTerminated', async () => {
    const some = await run([list, enable], listed());
    expect([some.status, some.error, some.codes]).toEqual(['failed', 'incomplete', ['ok', 'notExecuted']]);
    const ended = await run([list, enable], listed() + int('02', 3));
    expect([ended.status, ended.error, ended.codes]).toEqual([
      'failed',
      'interruption',
      ['ok', 'notExecuted'],
    ]);
    expect((await ended.device.view()).profiles).toEqual([]);
  });

  it('lists replace what is known; with criteria they tell of some', async () => {
    const { device, results } = await run([list], listed([ICCID1, 1], [ICCID2, 0, '9F2601FF']));
    expect(results[0]?.data).toMatchObject([
      { iccid: ICCID1, profileState: 'enabled' },
      { fallbackAttribute: true },
    ]);
    expect((await device.view()).profiles).toEqual([
      { iccid: ICCID1, state: 'enabled', fallbackAttribute: false },
      { iccid: ICCID2, state: 'disabled', fallbackAttribute: true },
    ]);
    await run([{ ...list, searchCriteria: { iccid: ICCID2 } }], listed([ICCID2, 1]), device);
    expect((await device.view()).profiles).toHaveLength(2);
    await run([list], listed([ICCID2, 0]), device);
    expect((await device.view()).profiles).toEqual([
      { iccid: ICCID2, state: 'disabled', fallbackAttribute: false },
    ]);
    await run([list], 'BF2D02A000', device);
    expect((await device.view()).profiles).toEqual([]);
  });

  it('the fallback attribute moves and goes, the default address is recorded', async () => {
    const { device } = await run([list], listed([ICCID1, 1, '9F2601FF'], [ICCID2, 0]));
    await run([{ operation: 'setFallbackAttribute', iccid: ICCID2 }], int('8D', 0), device);
    expect((await device.view()).profiles.map((p) => p.fallbackAttribute)).toEqual([false, true]);
    await run([{ operation: 'unsetFallbackAttribute' }], int('8E', 0), device);
    expect((await device.view()).profiles.map((p) => p.fallbackAttribute)).toEqual([false, false]);
    await run([{ operation: 'setDefaultDpAddress', defaultDpAddress: 'a.b' }], 'BF6503800100', device);
    expect((await device.view()).defaultDpAddress).toBe('a.b');
  });

  it('a RAT is told in order', async () => {
    const rule = (bits: string): string =>
      t('30', t('80', bits), t('A1', t('30', t('80', '99F999'))), t('82', '0780'));
    const { results } = await run([{ operation: 'getRAT' }], t('A6', rule('0640'), rule('0520')));
    expect(results[0]?.data).toEqual([
      { pprIds: ['ppr1'], allowedOperators: [{ mccMnc: '99F999' }], consentRequired: true },
      { pprIds: ['ppr2'], allowedOperators: [{ mccMnc: '99F999' }], consentRequired: true },
    ]);
    expect((await run([{ operation: 'getRAT' }], 'A600')).results[0]?.data).toEqual([]);
  });

  it('eIMs are added with the token of the eUICC, listed and deleted', async () => {
    const { device, results } = await run(
      [{ operation: 'addEim', eim: { eimId: 'x', associationToken: -1 } }],
      'A80384012A',
    );
    expect(results[0]).toEqual({ operation: 'addEim', code: 'ok', data: { associationToken: 42 } });
    expect((await device.view()).eims).toEqual(['testeim1', 'x']);
    await run(
      [{ operation: 'listEim' }],
      t('AB', t('A0', t('30', '800178', '820101'), t('30', '800179'))),
      device,
    );
    expect((await device.view()).eims).toEqual(['x', 'y']);
    await run([{ operation: 'deleteEim', eimId: 'x' }], int('89', 0), device);
    expect((await device.view()).eims).toEqual(['y']);
  });

  it('deleting itself ends all, lastEimDeleted or not', async () => {
    for (const code of [0, 2]) {
      const device = await fresh();
      const first = await device.order({ operation: 'deleteEim', eimId: 'testeim1' });
      const second = await device.order(enable);
      await device.run(int('89', code));
      expect(await outcome(device, first.id)).toMatchObject({ status: 'done' });
      expect(await outcome(device, second.id)).toMatchObject({ status: 'failed', error: 'notAssociated' });
      expect(await device.poll()).toBe(NO_PACKAGE);
      expect((await device.view()).associated).toBe(false);
      await expect(device.order(enable)).rejects.toMatchObject({ code: 'not-associated' });
    }
  });

  it('an update of its own key signs and counts anew', async () => {
    const device = await fresh();
    const eimPublicKey = hex(pki.certificate('S_EIMsign2_ECDSA_NIST').spki);
    const update = {
      operation: 'updateEim',
      eim: { eimId: 'testeim1', eimPublicKey, counterValue: 50 },
    } as const;
    const failed = await device.order(update);
    await device.run(int('8A', 6));
    expect((await outcome(device, failed.id)).codes).toEqual(['counterValueOutOfRange']);
    await device.order(update);
    await device.run(int('8A', 0));
    expect(device.counter).toBe(3);
    await device.order(enable);
    await device.poll();
    expect(device.counter).toBe(51);
  });
});

describe('rollback', () => {
  const enabled = async (device: Device): Promise<string[]> =>
    (await device.view()).profiles.filter((p) => p.state === 'enabled').map((p) => p.iccid);
  const started = async (): Promise<Device> => {
    const device = await fresh();
    await device.order(list);
    await device.run(listed([ICCID1, 1], [ICCID2, 0]));
    return device;
  };

  it('in place of the result', async () => {
    const device = await started();
    const { id } = await device.order({ ...enable2, rollbackFlag: true });
    expect(await device.run(OK + int('8C', 0))).toBe(acks(2));
    expect(await outcome(device, id)).toMatchObject({
      status: 'failed',
      error: 'rolledBack',
      codes: ['ok', 'ok'],
    });
    expect(await enabled(device)).toEqual([ICCID1]);
  });

  it('after the result', async () => {
    const device = await started();
    const { id } = await device.order({ ...enable2, rollbackFlag: true });
    await device.run(OK);
    expect(await enabled(device)).toEqual([ICCID2]);
    expect(await device.provide(device.result(OK + int('8C', 0)))).toBe(acks(3));
    expect(await enabled(device)).toEqual([ICCID1]);
    expect((await outcome(device, id)).error).toBe('rolledBack');
  });

  it('that failed asks for the state', async () => {
    const device = await started();
    await device.order({ ...enable2, rollbackFlag: true });
    await device.run(OK + int('8C', 127));
    const { euiccPackageSigned } = await device.polledPackage();
    expect(euiccPackageSigned.euiccPackage).toMatchObject({ psmoList: [{ listProfileInfo: {} }] });
  });
});
