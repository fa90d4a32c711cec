/** Results of packages in SGP.32 v1.0.1. Signed by the test, not by S_eUICC. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Eim } from '../../../src/simulators/eim/index.js';
import { acks, bytes, closeAll, Device, eimWith, hex, ICCID1, int, t, text } from './bench.js';

afterEach(closeAll);

const enable = { operation: 'enable', iccid: ICCID1 } as const;
const OK = int('83', 0);
const outcome = async (device: Device, id: string) => {
  const { status, error, results, authenticated } = await device.eim.operator.orderView(id);
  return { status, error, codes: results.map((r) => r.code), authenticated };
};

describe('v1.0.1', () => {
  const older = (): Promise<Eim> => eimWith({ sgp32Version: '1.0.1' });

  it('takes either input of the signature, and answers in its own form', async () => {
    const device = await Device.of(await older());
    for (const behind of [undefined, 'request']) {
      await device.order(enable);
      await device.poll();
      const options = behind === undefined ? {} : { behind: device.eimSignature };
      expect(await device.provide(device.result(OK, options))).toMatch(/^BF50..BF53/);
    }
    await device.order(enable);
    await device.poll();
    expect(await device.provide(device.result(OK, { token: null }))).toBe('BF5000');
    expect(await device.provide(text('80', 'x'))).toBe('BF5000');
  });

  it('takes bundles with a RetrieveNotificationsListResponse, both lists or one', async () => {
    const device = await Device.of(await older());
    await device.order(enable);
    await device.poll();
    const first = device.result(OK);
    expect(await device.provide(t('30', first, t('BF2B', t('A0', device.notification(5)))))).toBe(acks(1, 5));
    const both = t('A3', t('A0', device.notification(6)), t('A1', first));
    expect(await device.provide(t('30', first, t('BF2B', both)))).toBe(acks(1, 6));
  });

  it('takes an error that names no device for the one that polled over the connection', async () => {
    const device = await Device.of(await older());
    const { id } = await device.order(enable);
    const connection = {};
    await device.eim.handleEsipa(bytes(t('BF4F', t('5A', device.eid))), connection);
    expect(hex((await device.eim.handleEsipa(bytes('BF5003020101'), {}))!)).toBe('BF5000');
    expect(await outcome(device, id)).toMatchObject({ status: 'delivered' });
    expect(hex((await device.eim.handleEsipa(bytes('BF5003020101'), connection))!)).toBe('BF5000');
    expect(await outcome(device, id)).toMatchObject({ status: 'failed', error: 'invalidPackageFormat' });
  });
});
