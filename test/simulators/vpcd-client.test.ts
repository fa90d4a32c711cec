import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attachToVpcd } from '../../src/simulators/vpcd-client.js';
import { encodeFrame, FrameReader } from '../../src/simulators/vpcd-frames.js';
import { ATR_T0, bytes, TinyCard } from '../support/tiny-card.js';

/** The reader's side of the connection. */
class FakeReader {
  readonly #frames = new FrameReader();
  readonly #answers: Uint8Array[] = [];
  #arrived: () => void = () => {};

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.#answers.push(...this.#frames.push(chunk));
      this.#arrived();
    });
  }

  send(...payloads: Uint8Array[]): void {
    this.socket.write(Buffer.concat(payloads.map(encodeFrame)));
  }

  async next(): Promise<string> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer !== undefined) return Buffer.from(answer).toString('hex').toUpperCase();
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }
}

describe('attachToVpcd', () => {
  let server: Server;
  let port: number;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => {
    server.close();
  });

  async function attached(card: TinyCard, signal?: AbortSignal) {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const attachment = await attachToVpcd(card, { port, ...(signal === undefined ? {} : { signal }) });
    return { attachment, reader: new FakeReader((await accepted)[0]) };
  }

  it('answers control frames and commands, and only those that get an answer', async () => {
    const card = new TinyCard({ atr: ATR_T0 });
    const { attachment, reader } = await attached(card);
    reader.send(bytes('01'), bytes('04'), bytes('0070000001'), bytes('02'), bytes('00'), bytes('04'));
    expect(await reader.next()).toBe('3B00');
    expect(await reader.next()).toBe('019000');
    expect(await reader.next()).toBe('3B00');
    expect(card.powerOns).toBe(1);
    attachment.detach();
    await attachment.closed;
  });

  it.each(['80', 'FF', '', 'AABB', 'AABBCC'])('answers the odd frame "%s" with 6700', async (frame) => {
    const { attachment, reader } = await attached(new TinyCard());
    reader.send(bytes(frame));
    expect(await reader.next()).toBe('6700');
    attachment.detach();
    await attachment.closed;
  });

  it('answers 6F00 when the card fails or its answer fits no frame', async () => {
    const card = new TinyCard();
    const { attachment, reader } = await attached(card);
    card.transmit = () => {
      throw new Error('broken');
    };
    reader.send(bytes('00000000'));
    expect(await reader.next()).toBe('6F00');
    card.transmit = () => new Uint8Array(65_536);
    reader.send(bytes('00000000'));
    expect(await reader.next()).toBe('6F00');
    attachment.detach();
    await attachment.closed;
  });

  it('tells when the reader goes, and goes when the signal fires', async () => {
    const first = await attached(new TinyCard());
    first.reader.socket.destroy();
    await first.attachment.closed;

    const controller = new AbortController();
    const second = await attached(new TinyCard(), controller.signal);
    controller.abort();
    await second.attachment.closed;
  });

  it('names the address when nothing listens', async () => {
    server.close();
    await once(server, 'close');
    await expect(attachToVpcd(new TinyCard(), { port })).rejects.toMatchObject({
      code: 'vpcd-unreachable',
      place: `127.0.0.1:${port}`,
    });
  });
});
