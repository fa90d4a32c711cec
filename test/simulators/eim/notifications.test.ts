/** Notifications on their way to the SM-DP+: stored, sent as they came, once, in order, until they are taken. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { topLevel } from '../../../src/protocol/asn1/index.js';
import { OtherSignedNotification } from '../../../src/protocol/types/rsp-notification.js';
import { clean } from '../euicc/terminal.js';
import { acks, bytes, closeAll, Device, eimWith, hex, ICCID1, int, t } from './bench.js';

const folders: string[] = [];
afterEach(async () => {
  await closeAll();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An SM-DP+ that takes what it gets, unless it is down. */
class Smdp {
  readonly got: [string, string][] = [];
  down = false;
  tries = 0;
  #told: (() => void)[] = [];

  readonly forward = async (address: string, data: Uint8Array): Promise<void> => {
    this.tries++;
    if (!this.down) this.got.push([address, hex(data)]);
    for (const tell of this.#told.splice(0)) tell();
    if (this.down) throw new Error('503');
  };

  /** Resolves when `wanted` holds; the deadline is that of the test. */
  async until(wanted: () => boolean): Promise<void> {
    while (!wanted()) await new Promise<void>((resolve) => this.#told.push(resolve));
  }
}

const notify = (notification: string): string => t('BF3D', t('A0', notification));

describe('notifications', () => {
  it('go to the address in them, byte for byte, once each and in their order', async () => {
    const smdp = new Smdp();
    const device = await Device.of(await eimWith({ forward: smdp.forward }));
    const [one, two, pir] = [
      device.notification(1),
      device.notification(2, 'b.example.com'),
      device.installation(3),
    ];
    for (const notification of [one, two, pir, one]) expect(await device.send(notify(notification))).toBe('');
    await smdp.until(() => smdp.got.length === 3);
    expect(await device.send(notify(two))).toBe('');
    expect(smdp.got.filter(([address]) => address === 'smdp.example.com')).toEqual([
      ['smdp.example.com', one],
      ['smdp.example.com', pir],
    ]);
    expect(smdp.got.filter(([address]) => address === 'b.example.com')).toEqual([['b.example.com', two]]);
    await device.eim.close();
    expect(smdp.tries).toBe(3);
  });

  it('wait for an SM-DP+ that is down, without an error towards the IPA', async () => {
    const smdp = new Smdp();
    smdp.down = true;
    const device = await Device.of(await eimWith({ forward: smdp.forward, retryMs: 1 }));
    const notification = device.notification(4);
    await device.order({ operation: 'enable', iccid: ICCID1 });
    await device.poll();
    const arm = t('30', device.result(int('83', 0)), t('A0', notification));
    expect(await device.provide(arm)).toBe(acks(1, 4));
    await smdp.until(() => smdp.tries >= 3);
    expect((await device.view()).notificationsToForward).toBe(1);
    smdp.down = false;
    await smdp.until(() => smdp.got.length === 1);
    expect(smdp.got).toEqual([['smdp.example.com', notification]]);
    await device.eim.close();
  });

  it('survive a restart right after the answer', async () => {
    const store = mkdtempSync(join(tmpdir(), 'sgp33-eim-'));
    folders.push(store);
    const smdp = new Smdp();
    smdp.down = true;
    const device = await Device.of(await eimWith({ store, forward: smdp.forward, retryMs: 60_000 }));
    const notification = device.notification(5);
    await device.send(notify(notification));
    await device.eim.close();
    smdp.down = false;
    const again = await eimWith({ store, forward: smdp.forward });
    await smdp.until(() => smdp.got.length === 1);
    expect(smdp.got[0]?.[1]).toBe(notification);
    await again.close();
    const third = await eimWith({ store, forward: smdp.forward });
    expect((await third.operator.device(device.eid)).notificationsToForward).toBe(0);
    expect(smdp.tries).toBe(2);
  });

  it('are expanded when they are compact', async () => {
    const smdp = new Smdp();
    const device = await Device.of(await eimWith({ forward: smdp.forward }));
    const full = device.notification(6);
    const [tbs, signature, euicc, eum] = topLevel(topLevel(bytes(full))[0]!.content).map((e) => hex(e.raw));
    expect([euicc, eum]).toEqual([device.certificates.euiccCertificate, device.certificates.eumCertificate]);
    await device.send(notify(t('A1', t('5A', device.eid), tbs!, signature!)));
    await smdp.until(() => smdp.got.length === 1);
    expect(smdp.got[0]?.[1]).toBe(full);
    expect(clean(OtherSignedNotification, bytes(full)).tbsOtherNotification.seqNumber).toBe(6);
  });

  it('that are none are refused, results in their place are applied without an answer', async () => {
    const device = await Device.of(await eimWith());
    for (const message of ['BF3D00', 'BF3D02A000', t('BF3D', t('A0', '3000')), 'BF3D028100'])
      await expect(device.send(message), message).rejects.toMatchObject({ code: 'esipa-malformed' });
    const { id } = await device.order({ operation: 'enable', iccid: ICCID1 });
    await device.poll();
    const result = t('BF50', t('5A', device.eid), device.result(int('83', 0)));
    expect(await device.send(t('BF3D', result))).toBe('');
    expect((await device.eim.operator.orderView(id)).status).toBe('done');
    const older = await Device.of(await eimWith({ sgp32Version: '1.0.1' }));
    const second = await older.order({ operation: 'enable', iccid: ICCID1 });
    await older.poll();
    expect(await older.send(t('BF3D', t('A1', older.result(int('83', 0)))))).toBe('');
    expect((await older.eim.operator.orderView(second.id)).status).toBe('done');
  });
});
