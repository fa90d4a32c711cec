import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEuiccDriver } from '../../drivers/euicc-session.js';
import type { BindingName } from '../../drivers/pcsc/binding.js';
import { openPcsc } from '../../drivers/pcsc/open-pcsc.js';
import { listReaders } from '../../drivers/pcsc/readers.js';
import { attachToVpcd } from '../../src/simulators/vpcd-client.js';
import { describePcscd } from '../support/pcscd.js';
import { attachSilentCard } from '../support/silent-card.js';
import { ATR_T0, ATR_T1, bytes, TINY_EID, TinyCard, TinyIns } from '../support/tiny-card.js';
import { describeEuiccDriverContract } from './contract.js';

const BINDINGS: readonly BindingName[] = ['ffi', 'pcsclite'];
const GET_EID = { kind: 'es10', data: bytes('BF3E035C015A') } as const;

describePcscd('PC/SC', (pcscd) => {
  const undo: (() => void | Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
    await pcscd().waitFor(({ present }) => !present);
  }, 20_000);

  /** Puts a card into the reader and waits until the reader sees it. */
  async function insert(card: TinyCard) {
    const attachment = await attachToVpcd(card, { port: pcscd().port });
    undo.push(attachment.detach);
    await pcscd().waitFor(({ present }) => present);
    return attachment;
  }

  async function open(options: Parameters<typeof openPcsc>[0]) {
    const transport = await openPcsc({ reader: pcscd().reader, ...options });
    undo.push(() => transport.close());
    return transport;
  }

  describe.each(BINDINGS)('through %s', { timeout: 30_000 }, (binding) => {
    it.each([
      ['T=0', ATR_T0],
      ['T=1', ATR_T1],
      ['T=1', bytes('3B80800101')],
    ] as const)('speaks %s with the card that says so', async (protocol, atr) => {
      await insert(new TinyCard({ atr }));
      const transport = await open({ binding });
      expect(transport).toMatchObject({
        atr,
        protocol,
        name: pcscd().reader,
        binding: binding === 'ffi' ? 'pcsc-ffi' : 'pcsclite',
      });
      expect(await transport.transmit(bytes('0070000001'))).toEqual(bytes('019000'));
    });

    it('refuses a protocol that the card does not speak', async () => {
      await insert(new TinyCard({ atr: ATR_T0 }));
      await expect(openPcsc({ reader: pcscd().reader, binding, protocol: 'T=1' })).rejects.toMatchObject({
        code: 'communication',
        actual: expect.stringContaining('SCARD_E_PROTO_MISMATCH') as string,
      });
    });

    it.each([0, 1, 256, 4096, 65_533])('carries an answer of %i bytes', async (length) => {
      await insert(new TinyCard({ atr: ATR_T1 }));
      const transport = await open({ binding });
      const size = Buffer.alloc(4);
      size.writeUInt32BE(length);
      const answer = await transport.transmit(Uint8Array.of(0x80, TinyIns.big, 0, 0, 4, ...size));
      expect(answer).toHaveLength(length + 2);
      expect(answer.subarray(0, length).every((byte) => byte === 0x5a)).toBe(true);
    });

    it('resets the card cold, again and again', async () => {
      const card = new TinyCard();
      await insert(card);
      const transport = await open({ binding });
      const before = card.powerOns;
      // More often than one process of a binding may hold connections.
      for (let count = 1; count <= 60; count += 1) {
        expect(await transport.coldReset()).toEqual(ATR_T0);
        expect(card.powerOns).toBeGreaterThanOrEqual(before + count);
      }
      expect(await transport.transmit(Uint8Array.of(0x80, TinyIns.powerCount, 0, 0, 1))).toEqual(
        Uint8Array.of(card.powerOns, 0x90, 0x00),
      );
    });

    it('tells that the card was pulled in the middle of an exchange, and works when it is back', async () => {
      const card = new TinyCard();
      const attachment = await insert(card);
      const transport = await open({ binding });
      const transmit = card.transmit.bind(card);
      card.transmit = (command) => {
        attachment.detach();
        return transmit(command);
      };
      await expect(transport.transmit(bytes('0070000001'))).rejects.toMatchObject({ code: 'card-removed' });
      await pcscd().waitFor(({ present }) => !present);
      await expect(transport.coldReset()).rejects.toMatchObject({ code: 'card-removed' });

      card.transmit = transmit;
      await insert(card);
      expect(await transport.coldReset()).toEqual(ATR_T0);
      expect(await transport.transmit(bytes('0070000001'))).toEqual(bytes('019000'));
    });

    it('tells that the card was pulled between two exchanges', async () => {
      const attachment = await insert(new TinyCard());
      const transport = await open({ binding });
      attachment.detach();
      await pcscd().waitFor(({ present }) => !present);
      await expect(transport.transmit(bytes('0070000001'))).rejects.toMatchObject({ code: 'card-removed' });
    });

    it('gives a silent card up at the deadline, and the process stays usable', async () => {
      const silent = await attachSilentCard(pcscd().port);
      await pcscd().waitFor(({ present }) => present);
      const transport = await open({ binding, deadlineMs: 2000 });
      const started = performance.now();
      await expect(transport.transmit(bytes('00A4000C'))).rejects.toMatchObject({ code: 'timeout' });
      expect(performance.now() - started).toBeLessThan(5000);

      await silent.detach();
      await pcscd().waitFor(({ present }) => !present);
      await insert(new TinyCard());
      expect(await transport.coldReset()).toEqual(ATR_T0);
    });

    it('stops waiting for a silent card when the signal fires', async () => {
      const silent = await attachSilentCard(pcscd().port);
      undo.push(silent.detach);
      await pcscd().waitFor(({ present }) => present);
      const transport = await open({ binding });
      const controller = new AbortController();
      const exchange = transport.transmit(bytes('00A4000C'), controller.signal);
      void silent.asked.then(() => controller.abort());
      await expect(exchange).rejects.toMatchObject({ code: 'aborted' });
    });

    it.each(['timeout', 'exit'])('lets a process end that asked a silent card (%s)', async (how) => {
      const silent = await attachSilentCard(pcscd().port);
      undo.push(silent.detach);
      await pcscd().waitFor(({ present }) => present);
      const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
      const program = fileURLToPath(new URL('../support/ask-silent-card.ts', import.meta.url));
      const child = spawn(process.execPath, ['--import', tsx, program, pcscd().reader, binding, how]);
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      const ended = once(child, 'close');
      if (how === 'exit') void silent.asked.then(() => child.stdin.write('now'));
      expect((await ended)[0]).toBe(0);

      const [, pids = '', result = ''] =
        /^children ([\d ]+)\n(.*)/.exec(Buffer.concat(chunks).toString()) ?? [];
      if (how === 'timeout') expect(result).toBe('timeout');
      expect(pids).not.toBe('');
      await vi.waitUntil(() => !pids.split(' ').some((pid) => isAlive(Number(pid))), { timeout: 5000 });
    });

    it('lists the readers with their cards', async () => {
      await insert(new TinyCard());
      const [first, second] = await listReaders({ binding });
      expect(first).toMatchObject({ name: pcscd().reader, present: true, atr: ATR_T0 });
      expect(second).toMatchObject({ present: false, state: 'empty' });
    });

    it('says which readers there are when the one asked for is not', async () => {
      const reader = pcscd().reader.replace('Virtual', 'Virtul');
      await expect(openPcsc({ reader, binding })).rejects.toMatchObject({
        code: 'reader-not-found',
        repair: `Did you mean "${pcscd().reader}"?`,
      });
    });

    it('says that no card is in the reader', async () => {
      await expect(openPcsc({ reader: pcscd().reader, binding })).rejects.toMatchObject({
        code: 'card-removed',
      });
    });

    it('says that the PC/SC service does not run', async () => {
      vi.stubEnv('PCSCLITE_CSOCK_NAME', '/nonexistent/pcscd.comm');
      undo.push(() => void vi.unstubAllEnvs());
      await expect(listReaders({ binding })).rejects.toMatchObject({
        code: 'pcsc-unavailable',
        repair: expect.stringContaining('pcscd') as string,
      });
    });

    it('finds the card by its EID, and tells what it saw instead', async () => {
      await insert(new TinyCard());
      const transport = await openPcsc({ eid: TINY_EID, binding });
      undo.push(() => transport.close());
      expect(transport.name).toBe(pcscd().reader);
      await transport.close();
      const other = TINY_EID.replace('8904', '8905');
      await expect(openPcsc({ eid: other, binding })).rejects.toMatchObject({
        code: 'reader-not-found',
        actual: expect.stringContaining(TINY_EID) as string,
      });
    });
  });

  describeEuiccDriverContract('a card behind a reader', async () => {
    await insert(new TinyCard());
    return { driver: createEuiccDriver(() => openPcsc({ reader: pcscd().reader })), eid: TINY_EID };
  });

  it('waits for no delayed acknowledgement', async () => {
    await insert(new TinyCard());
    const transport = await open({});
    const times: number[] = [];
    for (let count = 0; count < 100; count += 1) {
      const started = performance.now();
      await transport.transmit(bytes('80E4000001'));
      times.push(performance.now() - started);
    }
    // Without quick acknowledgements each and every one takes 44 ms.
    expect(Math.min(...times)).toBeLessThan(20);
  }, 30_000);

  it('lets a driver find its card again in the other reader', async () => {
    const first = await insert(new TinyCard());
    const driver = createEuiccDriver((bound) => openPcsc({ ...bound, reader: 'Virtual PCD*' }));
    undo.push(() => driver.close());
    await driver.open();
    first.detach();
    await pcscd().waitFor(({ present }) => !present);
    await expect(driver.exchange(GET_EID)).rejects.toMatchObject({ code: 'card-removed' });
    const reopened = driver.open();
    const second = await attachToVpcd(new TinyCard(), { port: pcscd().port + 1 });
    undo.push(second.detach);
    await reopened;
    expect(driver.identity.reader).not.toBe(pcscd().reader);
    expect((await driver.exchange(GET_EID)).sw).toBe(0x9000);
  }, 30_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
