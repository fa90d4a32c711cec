/** Clients that are no IPAds, over CoAP and DTLS: whatever they do, the next device is served, and memory stays bounded. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EsipaListener } from '../../../drivers/ipad-contract.js';
import { decodeMessage, encodeMessage, type CoapMessage } from '../../../src/transport/coap/index.js';
import { option } from '../../../src/transport/coap/options.js';
import type { DtlsConnection } from '../../../src/transport/dtls/index.js';
import { ask, coapClient, dtls, sharedListener } from './coap-support.js';
import { answers, DEADLINE, GET_EIM_PACKAGE, hex, NO_PACKAGE, portOf } from './support.js';

const MEMORY = 128 << 20;
const shared = sharedListener({ limits: { bodyBytes: 5000, connections: 8 } });

/** Block option (RFC 7959 2.2): 64 bytes a block. */
const block = (number: number, more: boolean): number => (number << 4) | (more ? 8 : 0) | 2;

const request = (messageId: number, more: Partial<CoapMessage> = {}, block1?: number): CoapMessage => ({
  type: 'CON',
  code: '0.02',
  messageId,
  token: Uint8Array.of(messageId >> 8, messageId & 0xff),
  options: [
    option('Uri-Path', 'gsma'),
    option('Uri-Path', 'rsp2'),
    option('Uri-Path', 'asn1'),
    option('Content-Format', 42),
    ...(block1 === undefined ? [] : [option('Block1', block1)]),
  ],
  payload: GET_EIM_PACKAGE,
  ...more,
});

/** A device that does all right is served. */
const servesStill = (listener: EsipaListener): Promise<void> =>
  answers(listener, async () => (await ask(await coapClient(listener))).payload);

/** A session by hand, and what comes on it: the next that fits, from now on. */
async function byHand(listener: EsipaListener) {
  const connection = await dtls(listener);
  const seen: CoapMessage[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  const wake = (): void => {
    for (const look of waiting) look();
  };
  connection.onMessage((bytes) => {
    seen.push(decodeMessage(bytes));
    wake();
  });
  connection.onClose(() => {
    over = true;
    wake();
  });
  const come = (fits: (message: CoapMessage) => boolean): Promise<CoapMessage | undefined> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = seen.find(fits);
        if (found === undefined && !over) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { connection, come };
}

/** What the session takes; nothing when the listener ended it. */
const send = (connection: DtlsConnection, bytes: Uint8Array): Promise<void> =>
  connection.send(bytes).catch(() => undefined);

describe('datagrams', () => {
  it('at random and changed ones, in a session', { timeout: 60_000 }, async () => {
    const listener = await shared();
    const good = encodeMessage(request(7, {}, block(0, true)));
    const changed = fc
      .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, change]) => {
        const bytes = Uint8Array.from(good);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        return bytes;
      });
    let connection = await dtls(listener);
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 100 }), changed), async (bytes) => {
        // `clear` answers what waits, and ends the session
        if (++sent % 50 === 0) {
          await listener.clear();
          connection = await dtls(listener);
        }
        await send(connection, bytes);
      }),
      { numRuns: 300 },
    );
    await servesStill(listener);
  });

  it('at random from ports that never make a session', async () => {
    const listener = await shared();
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 50; round += 1) {
      const socket = createSocket('udp4');
      for (let i = 0; i < 20; i += 1) {
        const bytes = Buffer.alloc(1 + ((round * 53 + i * 17) % 1200), round * 7 + i);
        // Half of them are handshake records of DTLS 1.2 by their first bytes
        if (i % 2 === 0) Buffer.from('16fefd', 'hex').copy(bytes);
        await new Promise((resolve) => socket.send(bytes, portOf(listener), '127.0.0.1', resolve));
      }
      socket.close();
      await once(socket, 'close');
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(MEMORY);
    await servesStill(listener);
  });
});

it('a body in blocks without end is refused', async () => {
  const listener = await shared();
  const { connection, come } = await byHand(listener);
  let answer: CoapMessage | undefined;
  let sent = 0;
  for (let number = 0; number < 2000 && answer?.code !== '4.13'; number += 1) {
    const message = request(
      number,
      { token: Uint8Array.of(1), payload: new Uint8Array(64) },
      block(number, true),
    );
    await connection.send(encodeMessage(message));
    sent += 64;
    answer = await come(({ messageId }) => messageId === number);
  }
  expect(answer?.code).toBe('4.13');
  expect(sent).toBeLessThanOrEqual(5000 + 2 * 64);
  await servesStill(listener);
});

it(
  'first blocks of thousands of bodies, each with a token of its own, do not add up',
  { timeout: 60_000 },
  async () => {
    const listener = await shared();
    const { connection } = await byHand(listener);
    const before = process.memoryUsage().rss;
    for (let number = 0; number < 5000; number += 1)
      await send(
        connection,
        encodeMessage(request(number, { type: 'NON', payload: new Uint8Array(64) }, block(0, true))),
      );
    expect(process.memoryUsage().rss - before).toBeLessThan(MEMORY);
    await servesStill(listener);
  },
);

it('tokens of more than 8 bytes are no CoAP', async () => {
  const listener = await shared();
  const connection = await dtls(listener);
  for (let length = 9; length < 16; length += 1) {
    const bytes = Uint8Array.from([0x40 | length, 0x02, 0, length, ...new Uint8Array(length)]);
    await connection.send(bytes);
    const garbage = await nextGarbage(listener);
    expect(hex(garbage)).toBe(hex(bytes));
  }
  await servesStill(listener);
});

async function nextGarbage(listener: EsipaListener): Promise<Uint8Array> {
  for (;;) {
    const next = await listener.next(DEADLINE);
    if (next === undefined) throw new Error('no garbage came');
    if (next.kind === 'garbage') return next.data;
  }
}

it(
  'a storm of RST and ACK for messages that nobody sent, and for the answer itself',
  { timeout: 60_000 },
  async () => {
    const listener = await shared();
    const { connection, come } = await byHand(listener);
    for (let id = 0; id < 3000; id += 1)
      await send(
        connection,
        encodeMessage({
          type: id % 2 === 0 ? 'RST' : 'ACK',
          code: '0.00',
          messageId: id,
          token: new Uint8Array(0),
          options: [],
          payload: new Uint8Array(0),
        }),
      );
    await connection.send(encodeMessage(request(4000)));
    for (;;) {
      const next = await listener.next(DEADLINE);
      if (next === undefined) throw new Error('no message came');
      if (next.kind !== 'message') continue;
      const outcome = next.reply({ message: NO_PACKAGE, coap: { separate: true } });
      const answer = await come(({ code, type }) => type === 'CON' && code !== '0.00');
      expect(answer).toBeDefined();
      await connection.send(
        encodeMessage({
          type: 'RST',
          code: '0.00',
          messageId: answer?.messageId ?? 0,
          token: new Uint8Array(0),
          options: [],
          payload: new Uint8Array(0),
        }),
      );
      expect((await outcome).facts).toMatchObject({ coap: { acknowledged: 'false' } });
      break;
    }
    await servesStill(listener);
  },
);

it('more sessions than there is room for: the next device is served', { timeout: 60_000 }, async () => {
  const listener = await shared();
  const connections = await Promise.allSettled(
    Array.from({ length: 24 }, () => dtls(listener, { handshakeTimeoutMs: 3000 })),
  );
  onTestFinished(async () => {
    for (const one of connections) if (one.status === 'fulfilled') await one.value.close();
  });
  expect(connections.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(8);
  await servesStill(listener);
});
