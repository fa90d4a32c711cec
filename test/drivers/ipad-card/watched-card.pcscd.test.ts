/** The same card behind the real PC/SC service: a device sees it pulled and put in again, and is never stuck. */
import { afterEach, expect, it } from 'vitest';
import { createEuiccDriver } from '../../../drivers/euicc-session.js';
import { offerCard, type OfferedCard } from '../../../drivers/ipad-card/index.js';
import { openPcsc } from '../../../drivers/pcsc/open-pcsc.js';
import { bytesToHex as hex } from '../../../src/protocol/asn1/index.js';
import { describePcscd } from '../../support/pcscd.js';
import { bytes } from '../../support/tiny-card.js';

const GET_ADDRESSES = { kind: 'es10', data: bytes('BF3C00') } as const;
const SET_ADDRESS = { kind: 'es10', data: bytes('BF65058003612E62') } as const;

describePcscd('WatchedCard in the virtual reader', (pcscd) => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const action of undo.splice(0).reverse()) await action();
    await pcscd().waitFor(({ present }) => !present);
  }, 20_000);

  async function offered(muteMs = 300): Promise<OfferedCard> {
    const card = await offerCard({ offer: { kind: 'vpcd', port: pcscd().port }, muteMs });
    undo.push(() => card.close());
    await pcscd().waitFor(({ present }) => present);
    return card;
  }

  async function device() {
    const driver = createEuiccDriver(() => openPcsc({ reader: pcscd().reader, deadlineMs: 15_000 }));
    undo.push(() => driver.close());
    await driver.open();
    return driver;
  }

  /** Commands up to the first ES10 function of that tag. */
  async function upTo(card: OfferedCard, tag: string) {
    const names: unknown[] = [];
    for (;;) {
      const command = (await card.next(10_000)) ?? expect.fail(`no ${tag} after ${names.join(', ')}`);
      names.push(command.facts['function'] ?? command.facts['name'] ?? command.facts['how']);
      if (command.facts['function'] === tag) return { names, command };
    }
  }

  it('tells all that a device does from the reset on', async () => {
    const card = await offered();
    expect(card.place).toBe(`vpcd 127.0.0.1:${pcscd().port}`);
    const driver = await device();
    expect(driver.identity.eid).toBe(card.eid);
    const { names, command } = await upTo(card, 'BF3E');
    const own = names.filter((name) => name !== 'GET RESPONSE').slice(-4);
    expect(own).toEqual(['TERMINAL CAPABILITY', 'MANAGE CHANNEL', 'SELECT', 'BF3E']);
    expect(names).toContain('power-on');
    expect(hex(command.response)).toBe(`BF3E125A10${card.eid}`);
    expect(card.openChannels).toEqual([1]);
  });

  it('is pulled and put in again for a card as new, each time under the eyes of the service', async () => {
    const card = await offered();
    const driver = await device();
    await driver.exchange(SET_ADDRESS);
    const { changes } = await pcscd().waitFor(({ present }) => present);
    for (let round = 1; round <= 3; round++) {
      await card.renew([]);
      const seen = await pcscd().waitFor((reader) => reader.present && reader.changes >= changes + 2 * round);
      expect(seen.changes).toBe(changes + 2 * round);
    }
    await expect(driver.exchange(GET_ADDRESSES)).rejects.toMatchObject({ code: 'card-removed' });
    await driver.open();
    expect(hex((await driver.exchange(GET_ADDRESSES)).data)).not.toContain('612E62');
  }, 60_000);

  it('that stays silent costs the device an error, and is there again', async () => {
    const card = await offered();
    const driver = await device();
    const { changes } = await pcscd().waitFor(({ present }) => present);
    card.fault([{ function: 'BF65', sw: 'mute', executed: true }]);
    await expect(driver.exchange(SET_ADDRESS)).rejects.toMatchObject({ name: 'TransportError' });
    expect((await upTo(card, 'BF65')).command.facts['fault']).toBe('mute');
    await pcscd().waitFor((reader) => reader.present && reader.changes >= changes + 2);
    await driver.open();
    expect(hex((await driver.exchange(GET_ADDRESSES)).data)).toContain('612E62');
  }, 60_000);

  it('that stays silent is freed by clear, too', async () => {
    const card = await offered(600_000);
    const driver = await device();
    card.fault([{ function: 'BF65', sw: 'mute' }]);
    const exchange = expect(driver.exchange(SET_ADDRESS)).rejects.toMatchObject({ name: 'TransportError' });
    await upTo(card, 'BF65');
    card.clear();
    await exchange;
    await card.insert();
    await driver.open();
  }, 60_000);

  it('that a fault takes away stays away until it is put in', async () => {
    const card = await offered();
    const driver = await device();
    card.fault([{ function: 'BF65', sw: 'removed', executed: true }]);
    await expect(driver.exchange(SET_ADDRESS)).rejects.toMatchObject({ name: 'TransportError' });
    await pcscd().waitFor(({ present }) => !present);
    await expect(openPcsc({ reader: pcscd().reader })).rejects.toMatchObject({ code: 'card-removed' });
    await card.insert();
    await pcscd().waitFor(({ present }) => present);
    await driver.open();
    expect(hex((await driver.exchange(GET_ADDRESSES)).data)).toContain('612E62');
    await card.pull();
    await pcscd().waitFor(({ present }) => !present);
  }, 60_000);
});
