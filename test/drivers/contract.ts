/** What every eUICC driver must do, whatever card it reaches and however: run by each driver's own tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransportError, type EuiccDriver, type Observation } from '../../drivers/contract.js';
import { bytes } from '../support/tiny-card.js';

export interface EuiccDriverUnderTest {
  readonly driver: EuiccDriver;
  /** The EID of the card, 32 digits. */
  readonly eid: string;
  /** Called after the driver was closed. */
  dispose?(): void | Promise<void>;
}

const GET_EID = bytes('BF3E035C015A');

/** Defines the contract's tests; `make` gives a driver that was not opened yet, over a card with an ISD-R. */
export function describeEuiccDriverContract(name: string, make: () => Promise<EuiccDriverUnderTest>): void {
  describe(`${name} keeps the contract of an eUICC driver`, () => {
    let tested: EuiccDriverUnderTest;
    let driver: EuiccDriver;

    beforeEach(async () => {
      tested = await make();
      driver = tested.driver;
      await driver.open();
    }, 20_000);
    afterEach(async () => {
      await driver.close();
      await tested.dispose?.();
    }, 20_000);

    it('tells who the card is', () => {
      expect(driver.kind).toBe('eUICC');
      expect(driver.identity.eid).toBe(tested.eid);
      expect(driver.identity.atr).toMatch(/^3[BF]([0-9A-F]{2})+$/);
      expect(driver.identity.protocol).toMatch(/^T=[01]$/);
      expect(driver.identity.transport).toMatch(/./);
    });

    it('carries an ES10 request there and back, with its trace in order', async () => {
      const observed = await driver.exchange({ kind: 'es10', data: GET_EID });
      expect(hex(observed.data)).toBe(`BF3E125A10${tested.eid}`);
      expect(observed.sw).toBe(0x9000);
      expectTrace(observed);
      expect(hex(commands(observed)[0])).toMatch(/^[8C].E2910006BF3E035C015A(00)?$/);
    });

    it.each([1, 4, 255])('cuts a request into blocks of %i', async (blockSize) => {
      const observed = await driver.exchange({ kind: 'es10', data: GET_EID, blockSize });
      expect(hex(observed.data)).toBe(`BF3E125A10${tested.eid}`);
      const blocks = commands(observed).filter((command) => command[1] === 0xe2);
      expect(blocks).toHaveLength(Math.ceil(GET_EID.length / blockSize));
    });

    it('reports the very answer to a raw APDU, and follows it only when asked', async () => {
      const command = bytes('0070000001');
      const raw = await driver.exchange({ kind: 'apdu', command });
      expect(raw.events.map(({ kind }) => kind)).toEqual(['c-apdu', 'r-apdu']);
      expect(commands(raw)).toEqual([command]);
      expect(raw.sw).toBeTypeOf('number');

      const wrongLe = await driver.exchange({ kind: 'apdu', command: bytes('80F2000C'), chain: true });
      expect(wrongLe.sw).toBeTypeOf('number');
      expectTrace(wrongLe);
    });

    it('takes any ES10 bytes, and gives the answer as an observation', async () => {
      for (const request of ['', '00', 'BF3E', 'FFFFFFFF', 'BF3E7F', '30800000']) {
        const observed = await driver.exchange({ kind: 'es10', data: bytes(request) });
        expect(observed.sw).toBeTypeOf('number');
        expectTrace(observed);
      }
      expect(hex((await driver.exchange({ kind: 'es10', data: GET_EID })).data)).toContain(tested.eid);
    });

    it('leaves the card alone after a bare reset', async () => {
      const reset = await driver.exchange({ kind: 'reset', start: false });
      expect(reset.sw).toBeNull();
      expect(hex(reset.data)).toBe(driver.identity.atr);
      expect(reset.events.map(({ kind }) => kind)).toEqual(['reset']);

      const refused = await driver.exchange({ kind: 'es10', data: GET_EID });
      expect(refused.sw).not.toBe(0x9000);
      expect(commands(refused).map((command) => command[1])).toEqual([0xe2]);
    });

    it('starts the card again when a reset says so', async () => {
      await driver.exchange({ kind: 'reset', start: false });
      const restarted = await driver.exchange({ kind: 'reset' });
      expect(restarted.sw).toBe(0x9000);
      expect(restarted.events[0]?.kind).toBe('reset');
      expect((await driver.exchange({ kind: 'es10', data: GET_EID })).sw).toBe(0x9000);
    });

    it('stops when the signal fires, tells what had happened, and can be opened again', async () => {
      const error: unknown = await driver
        .exchange({ kind: 'es10', data: GET_EID }, AbortSignal.abort())
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ code: 'aborted' });
      expect((error as TransportError).events).toBeInstanceOf(Array);
      await driver.open();
      expect((await driver.exchange({ kind: 'es10', data: GET_EID })).sw).toBe(0x9000);
    }, 20_000);

    it('refuses a request that fits no chain, without sending any of it', async () => {
      const data = new Uint8Array(257);
      await expect(driver.exchange({ kind: 'es10', data, blockSize: 1 })).rejects.toMatchObject({
        code: 'es10-request-too-long',
      });
    });

    it('is of no use once closed, and can be opened again', async () => {
      await driver.close();
      await expect(driver.exchange({ kind: 'es10', data: GET_EID })).rejects.toMatchObject({
        code: 'driver-not-open',
      });
      await driver.open();
      expect((await driver.exchange({ kind: 'es10', data: GET_EID })).sw).toBe(0x9000);
    }, 20_000);

    it('says so when the card can not be personalised', async () => {
      if (driver.canPersonalise) {
        await expect(driver.personalise({ action: 'no-such-action', parameters: {} })).rejects.toMatchObject({
          code: expect.stringMatching(/^personalisation-/) as string,
        });
      } else {
        await expect(driver.personalise({ action: 'any', parameters: {} })).rejects.toMatchObject({
          code: 'personalisation-unavailable',
        });
      }
    });
  });
}

function expectTrace({ events }: Observation): void {
  const wire = events.filter(({ kind }) => kind === 'c-apdu' || kind === 'r-apdu');
  expect(wire.length).toBeGreaterThan(0);
  expect(wire.map(({ kind }) => kind)).toEqual(
    wire.map((_, index) => (index % 2 === 0 ? 'c-apdu' : 'r-apdu')),
  );
  for (const event of wire) {
    expect(event.bytes?.length).toBeGreaterThanOrEqual(2);
    expect(event.text).toMatch(/./);
  }
  const times = events.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
}

function commands({ events }: Observation): Uint8Array[] {
  return events.flatMap(({ kind, bytes: sent }) => (kind === 'c-apdu' && sent !== undefined ? [sent] : []));
}

function hex(data: Uint8Array | undefined): string {
  return Buffer.from(data ?? [])
    .toString('hex')
    .toUpperCase();
}
