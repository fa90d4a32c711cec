/** Clients that are no IPAds, over HTTPS: whatever they do, the next device is served, and memory stays bounded. */
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { EsipaListener } from '../../../drivers/ipad-contract.js';
import {
  answers,
  arrival,
  NO_PACKAGE,
  CI,
  clientHello,
  closed,
  GET_EIM_PACKAGE,
  NAME,
  open,
  portOf,
  post,
  rawDial,
  session,
} from './support.js';

const MEBIBYTE = 1 << 20;
/** Of what a garbage collector has not looked at yet; far below what is sent. */
const MEMORY = 256 * MEBIBYTE;
const HEAD = [
  'POST /gsma/rsp2/asn1 HTTP/1.1',
  `Host: ${NAME}`,
  'Content-Type: application/x-gsma-rsp-asn1',
  'X-Admin-Protocol: gsma/rsp/v2.1.0',
  'User-Agent: gsma-rsp-ipad',
];
const head = (...more: string[]): string => [...HEAD, ...more, '', ''].join('\r\n');

/** A device that does all right is served. */
const servesStill = (listener: EsipaListener): Promise<void> =>
  answers(listener, async () => (await post(listener)).body);

/** Writes pieces until the other side is gone or that many bytes are out. @returns the bytes that went out. */
async function flood(
  socket: NodeJS.WritableStream & { destroyed?: boolean },
  piece: Buffer,
  total: number,
): Promise<number> {
  let gone = false;
  const over = new Promise<void>((resolve) => {
    socket.once('close', () => {
      gone = true;
      resolve();
    });
  });
  socket.on('error', () => undefined);
  let sent = 0;
  const isGone = (): boolean => gone;
  while (!isGone() && socket.destroyed !== true && sent < total) {
    sent += piece.length;
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain').catch(() => undefined), over]);
  }
  return sent;
}

/** Node warns of listeners that add up on one emitter. */
const warnings: string[] = [];
const warned = (warning: Error): void => void warnings.push(warning.message);
beforeAll(() => void process.on('warning', warned));
afterEach(() => {
  expect(warnings.splice(0)).toEqual([]);
});
afterAll(() => void process.off('warning', warned));

const memory = (): number => process.memoryUsage().rss;

async function http2Session(listener: EsipaListener): Promise<ClientHttp2Session> {
  const client = connectHttp2(`https://127.0.0.1:${String(portOf(listener))}`, { ca: CI, servername: NAME });
  client.on('error', () => undefined);
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  return client;
}

describe('bytes', () => {
  it(
    'at random in place of a ClientHello, and a ClientHello with changed bytes',
    { timeout: 60_000 },
    async () => {
      const listener = await open({ limits: { handshakeMs: 500 } });
      const hello = await clientHello();
      const mutated = fc
        .tuple(
          fc.nat(hello.length - 1),
          fc.integer({ min: 1, max: 255 }),
          fc.integer({ min: 1, max: hello.length }),
        )
        .map(([at, change, length]) => {
          const bytes = Uint8Array.from(hello);
          bytes[at] = (bytes[at] ?? 0) ^ change;
          return bytes.subarray(0, length);
        });
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 300 }), mutated),
          async (bytes) => {
            const socket = rawDial(listener);
            socket.resume().end(bytes);
            await closed(socket);
          },
        ),
        { numRuns: 60 },
      );
      await servesStill(listener);
    },
  );

  it.each([false, true])(
    'at random and changed ones in a session, with h2 offered: %s',
    { timeout: 60_000 },
    async (http2) => {
      const listener = await open({ http2 });
      const request = Buffer.concat([
        Buffer.from(head(`Content-Length: ${String(GET_EIM_PACKAGE.length)}`)),
        GET_EIM_PACKAGE,
      ]);
      const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
      const mutated = fc
        .tuple(fc.nat(request.length - 1), fc.integer({ min: 1, max: 255 }))
        .map(([at, change]) => {
          const bytes = Uint8Array.from(request);
          bytes[at] = (bytes[at] ?? 0) ^ change;
          return bytes;
        });
      const frames = fc
        .uint8Array({ maxLength: 200 })
        .map((rest) => Uint8Array.from(Buffer.concat([preface, rest])));
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 300 }), http2 ? frames : mutated),
          async (bytes) => {
            const socket = await session(listener, http2 ? { ALPNProtocols: ['h2'] } : {});
            socket.resume().end(bytes);
            await listener.clear();
            await closed(socket);
          },
        ),
        { numRuns: 30 },
      );
      await servesStill(listener);
    },
  );
});

describe('what takes for ever', () => {
  it('a handshake that stops half-way ends with its deadline', async () => {
    const listener = await open({ limits: { handshakeMs: 200 } });
    const hello = await clientHello();
    const sockets = [new Uint8Array(0), hello.subarray(0, 3), hello.subarray(0, 100), hello].map((bytes) => {
      const socket = rawDial(listener);
      socket.resume().write(bytes);
      return socket;
    });
    await Promise.all(sockets.map(closed));
    await servesStill(listener);
  });

  it('a head, or a body, that comes byte by byte ends with the deadline of a request', async () => {
    const listener = await open({ limits: { requestMs: 300 } });
    for (const text of [
      head('Content-Length: 100000'),
      HEAD.join('\r\n') + '\r\nX-Slow: ' + 'x'.repeat(10_000),
    ]) {
      const socket = await session(listener);
      const over = closed(socket.resume());
      let at = 0;
      const drip = setInterval(() => socket.write(text.charAt(at++) || 'x'), 5);
      await over;
      clearInterval(drip);
    }
    await servesStill(listener);
  });
});

describe('what has no end', () => {
  it('a head is refused when it is too large', async () => {
    const listener = await open();
    const socket = await session(listener);
    socket.resume().write(`${HEAD.join('\r\n')}\r\nX-Long: `);
    expect(await flood(socket, Buffer.alloc(1 << 14, 'x'), 64 * MEBIBYTE)).toBeLessThan(64 * MEBIBYTE);
    await servesStill(listener);
  });

  it.each([
    ['with its length', [`Content-Length: ${String(1 << 30)}`], Buffer.alloc(1 << 16)],
    [
      'in chunks',
      ['Transfer-Encoding: chunked'],
      Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(1 << 16), Buffer.from('\r\n')]),
    ],
  ] as const)('a body of 1 GiB, %s, is refused', async (_, headers, piece) => {
    const listener = await open();
    const socket = await session(listener);
    const before = memory();
    socket.resume().write(head(...headers));
    expect(await flood(socket, piece, 1 << 30)).toBeLessThan(1 << 30);
    expect(memory() - before).toBeLessThan(MEMORY);
    await servesStill(listener);
  });

  it('a body is taken up to the limit, and refused beyond', async () => {
    const listener = await open({ limits: { bodyBytes: 1000 } });
    const whole = post(listener, { body: Buffer.alloc(1000, 'x') });
    const taken = await arrival(listener, 'message');
    expect(taken.data).toHaveLength(1000);
    await taken.reply({ message: NO_PACKAGE });
    expect((await whole).status).toBe(200);
    const more = post(listener, { body: Buffer.alloc(1001, 'x') });
    await arrival(listener, 'garbage');
    expect((await more).status).toBe(413);
    await servesStill(listener);
  });

  it('a body of 1 GiB over h2 is refused', async () => {
    const listener = await open({ http2: true });
    const client = await http2Session(listener);
    const before = memory();
    const stream = client.request({
      ':method': 'POST',
      ':path': '/gsma/rsp2/asn1',
      'content-type': 'application/x-gsma-rsp-asn1',
    });
    stream.on('error', () => undefined).resume();
    expect(await flood(stream, Buffer.alloc(1 << 16), 1 << 30)).toBeLessThan(1 << 30);
    expect(memory() - before).toBeLessThan(MEMORY);
    await servesStill(listener);
  });

  it('streams over h2 that are opened and reset do not add up', async () => {
    const listener = await open({ http2: true });
    const client = await http2Session(listener);
    const before = memory();
    for (let i = 0; i < 2000 && !client.destroyed; i += 1) {
      const stream = client.request({ ':method': 'POST', ':path': '/gsma/rsp2/asn1' });
      stream.on('error', () => undefined).close(8);
      if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(memory() - before).toBeLessThan(MEMORY);
    await servesStill(listener);
  });
});

it(
  '500 connections at once: those beyond the bound are closed, and the next device is served',
  { timeout: 60_000 },
  async () => {
    const listener = await open({ limits: { connections: 64 } });
    const sockets = Array.from({ length: 500 }, () => rawDial(listener));
    let gone = 0;
    await new Promise<void>((resolve) => {
      for (const socket of sockets)
        socket.resume().once('close', () => {
          gone += 1;
          if (gone >= 500 - 64) resolve();
        });
    });
    expect(sockets.filter((socket) => !socket.destroyed).length).toBeLessThanOrEqual(64);
    for (const socket of sockets) socket.destroy();
    await servesStill(listener);
  },
);
