/** Delivery: what an IPA gets and when, and what it is told when it gets nothing. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClassicLevel } from 'classic-level';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newEid } from '../../../src/simulators/euicc/identity.js';
import { acks, bytes, closeAll, Device, eimWith, EMPTY, ICCID1, int, NO_PACKAGE, t } from './bench.js';

const folders: string[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await closeAll();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const enable = { operation: 'enable', iccid: ICCID1 } as const;
const error = (code: number): string => t('BF4F', int('02', code));
const LIST = /^BF4F..?.?.?.?BF51.*BF2D/;

describe('GetEimPackage', () => {
  it('delivers packages ahead of the rest, each in its order, the same bytes until there is a result', async () => {
    const device = await Device.of(await eimWith());
    await device.request({ kind: 'ipaEuiccData', tagList: 'BF20' });
    await device.request({ kind: 'profileDownload', contactDefaultSmdp: true });
    expect(await device.poll()).toMatch(/BF52/);
    await device.order(enable);
    await device.order({ operation: 'getRAT' });
    const first = await device.poll();
    expect(first).toContain(t('A3', t('5A', ICCID1)));
    expect(await device.poll()).toBe(first);
    await device.provide(device.result(int('83', 0)));
    expect(await device.poll()).toContain('A600');
    await device.provide(device.result('A600'));
    const data = await device.poll();
    expect(data).toMatch(/^BF4F..BF52/);
    expect(await device.poll()).toBe(data);
    await device.provide(t('BF52', t('A1', int('02', 127))));
    expect(await device.poll()).toMatch(/^BF4F..BF54/);
  });

  it.each([
    ['unknown EID', t('BF4F', t('5A', newEid())), error(2), error(127)],
    ['short EID', 'BF4F035A0189', error(3), error(127)],
    ['check digits', t('BF4F', t('5A', '89049032123451234512345678901236')), error(3), error(127)],
    ['no EID', 'BF4F00', error(4), error(127)],
    ['indirect download', 'BF3900', 'BF390381017F', 'BF3903810101'],
  ])('%s', async (_, message, expected, expected101) => {
    const [eim, older] = [await eimWith(), await eimWith({ sgp32Version: '1.0.1' })];
    expect(
      Buffer.from((await eim.handleEsipa(bytes(message)))!)
        .toString('hex')
        .toUpperCase(),
    ).toBe(expected);
    expect(
      Buffer.from((await older.handleEsipa(bytes(message)))!)
        .toString('hex')
        .toUpperCase(),
    ).toBe(expected101);
  });

  it('refuses what is no message, as a transport does', async () => {
    const eim = await eimWith();
    for (const message of [
      '',
      '00',
      'BF4F',
      'BF4F05',
      'BF5000',
      'BF4E020500',
      '3000',
      'BF4F0000',
      'BF50055A0112',
    ])
      await expect(eim.handleEsipa(bytes(message)), message).rejects.toMatchObject({ name: 'EsipaRefusal' });
  });

  it('answers with undefinedError, acknowledges nothing and forgets nothing when the store fails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sgp33-eim-'));
    folders.push(folder);
    const device = await Device.of(await eimWith({ store: folder }));
    const { id } = await device.order(enable);
    const broken = (): void =>
      void vi.spyOn(ClassicLevel.prototype, 'batch').mockImplementation((() => {
        throw new Error('disk full');
      }) as never);
    broken();
    expect(await device.poll()).toBe(error(127));
    await expect(device.order(enable)).rejects.toMatchObject({ code: 'eim-store' });
    vi.restoreAllMocks();
    await device.poll();
    expect(device.counter).toBe(2);
    broken();
    const result = device.result(int('83', 0));
    expect(await device.provide(result)).toBe(t('BF50', int('02', 127)));
    await expect(device.send(t('BF3D', t('A0', device.notification(4))))).rejects.toMatchObject({
      code: 'eim-store',
    });
    expect((await device.eim.operator.orderView(id)).status).toBe('delivered');
    vi.restoreAllMocks();
    expect(await device.provide(result)).toBe(acks(1));
  });
});

describe('state changes', () => {
  const report = (cause: number, more = ''): string => '8000' + int('81', cause) + more;

  it.each([
    [0, 'otherEim'],
    [1, 'fallback'],
    [3, 'local'],
    [5, 'immediateEnableProfile'],
    [127, 'undefined'],
  ])('cause %i is recorded as %s and asks for the state', async (cause, name) => {
    const device = await Device.of(await eimWith());
    expect(await device.poll(report(cause, '820313F062'))).toMatch(LIST);
    expect(await device.view()).toMatchObject({ stateChangeCause: name, rPLMN: '13F062' });
    await device.provide(device.result(t('BF2D', t('A0', t('E3', t('5A', ICCID1), int('9F70', 1))))));
    expect(await device.poll()).toBe(NO_PACKAGE);
    expect((await device.view()).profiles).toHaveLength(1);
  });

  it('is asked once for a report without a cause that comes twice; not at all when switched off', async () => {
    const device = await Device.of(await eimWith());
    const first = await device.poll('8000');
    expect(first).toMatch(LIST);
    const silent = await Device.of(await eimWith({ autoRefresh: false }));
    expect(await silent.poll(report(1))).toBe(NO_PACKAGE);
    expect((await silent.view()).stateChangeCause).toBe('fallback');
  });

  it('the Emergency Profile holds PSMOs until another report, eIM operations pass', async () => {
    const device = await Device.of(await eimWith());
    await device.order(enable);
    expect(await device.poll(report(2))).toBe(NO_PACKAGE);
    expect(await device.poll()).toBe(NO_PACKAGE);
    await device.order({ operation: 'listEim' });
    expect(await device.poll()).toContain('AB00');
    await device.provide(device.result('AB02A000'));
    expect(await device.poll(report(127))).toContain(t('A3', t('5A', ICCID1)));
  });

  it('a reset loses the association until a signed result shows it again', async () => {
    const device = await Device.of(await eimWith());
    await device.order(enable);
    await device.run(int('83', 0));
    await device.order(enable);
    expect(await device.poll(report(4))).toMatch(LIST);
    expect(await device.view()).toMatchObject({ associated: false, profiles: [] });
    await expect(device.order(enable)).rejects.toMatchObject({ code: 'not-associated' });
    await device.provide(device.result(t('BF2D', 'A000')));
    expect((await device.view()).associated).toBe(true);
    expect(await device.poll()).toContain(t('A3', t('5A', ICCID1)));
  });

  it('a new device is asked for its data', async () => {
    const device = await Device.of(await eimWith());
    expect(await device.poll(report(6))).toMatch(/^BF4F..BF52..5C01A9/);
  });

  it('v1.0.1 has the PLMN at the place of the cause', async () => {
    const device = await Device.of(await eimWith({ sgp32Version: '1.0.1' }));
    expect(await device.poll('8000810300F110')).toMatch(LIST);
    expect(await device.view()).toMatchObject({ rPLMN: '00F110', stateChangeCause: undefined });
  });
});

describe('ProvideEimPackageResult', () => {
  it('tells what is wrong with the EID, and of an arm that nobody knows', async () => {
    const device = await Device.of(await eimWith());
    await device.order(enable);
    await device.poll();
    const arm = device.result(int('83', 0));
    const failed = (code: number): string => t('BF50', int('02', code));
    expect(await device.provide(arm, newEid())).toBe(failed(2));
    expect(await device.provide(arm, '89049032123451234512345678901236')).toBe(failed(3));
    expect(
      await device.provide(
        device
          .unsigned()
          .replace(t('82', device.transaction!), '')
          .replace(/^BF51..A2../, 'BF510CA20A'),
        null,
      ),
    ).toBe(failed(4));
    expect(await device.provide('8100')).toBe(failed(127));
    expect(await device.provide(arm)).toBe(acks(1));
  });

  it.each([
    [1, 'invalidPackageFormat'],
    [2, 'unknownPackage'],
    [127, 'undefinedError'],
  ])('a refused package fails: %i', async (code, name) => {
    const device = await Device.of(await eimWith());
    const { id } = await device.order(enable);
    await device.poll();
    expect(await device.provide(t('A0', t('80', 'AB'.repeat(16)), int('02', code)))).toBe(EMPTY);
    expect((await device.eim.operator.orderView(id)).status).toBe('delivered');
    expect(await device.provide(t('A0', t('80', device.transaction!), int('02', code)), null)).toBe(EMPTY);
    expect(await device.eim.operator.orderView(id)).toMatchObject({ status: 'failed', error: name });
  });
});
