/** How a server can be told to answer: what CoAP leaves open, and what is not as it wants it. */
import { describe, expect, it } from 'vitest';
import type {
  CoapDelivery,
  CoapMessage,
  CoapProgress,
  CoapServerOptions,
} from '../../../src/transport/coap/index.js';
import { blockOf, blockOption, option } from '../../../src/transport/coap/options.js';
import { bytesOf, pattern, text } from './channels.js';
import { post, scene, token, value, type Scene } from './server-scene.js';

interface Told extends Scene {
  readonly progress: CoapProgress[];
}

function told(delivery: CoapDelivery, payload = bytesOf('yes'), options: CoapServerOptions = {}): Told {
  const progress: CoapProgress[] = [];
  const made = scene(
    async () => ({
      code: '2.04',
      contentFormat: 42,
      payload,
      delivery: { ...delivery, onProgress: (one) => progress.push(one) },
    }),
    options,
  );
  return { ...made, progress };
}

const kinds = (messages: readonly CoapMessage[]): string[] =>
  messages.map(({ type, code, messageId }) => `${type} ${code} ${messageId}`);

describe('a separate response', () => {
  it('comes behind an empty ACK, and its acknowledgement is told', async () => {
    const { peer, progress } = told({ separate: true });
    peer.send(post({ messageId: 7 }));
    const ack = await peer.message(0);
    expect(ack).toMatchObject({ type: 'ACK', code: '0.00', messageId: 7 });
    const response = await peer.message(1);
    expect(response).toMatchObject({ type: 'CON', code: '2.04', token });
    expect(text(response.payload)).toBe('yes');
    expect(progress).toEqual([{ kind: 'block', num: 0, more: false }]);
    peer.send({ type: 'ACK', code: '0.00', messageId: response.messageId });
    // The ping is answered behind what was sent before it.
    peer.send({ code: '0.00', messageId: 8 });
    await peer.message(2);
    expect(progress.at(-1)).toEqual({ kind: 'acknowledged' });
  });

  it('is given up when nobody acknowledges it', async () => {
    const { peer, progress } = told({ separate: true });
    peer.send(post());
    // Once, and three times again.
    const last = await peer.message(4);
    expect(last).toMatchObject({ type: 'CON', code: '2.04' });
    await expect.poll(() => progress.at(-1)).toEqual({ kind: 'unacknowledged' });
  });

  it('has no ACK in front for a request that is not confirmable', async () => {
    const { peer } = told({ separate: true });
    peer.send(post({ type: 'NON' }));
    expect(await peer.message(0)).toMatchObject({ type: 'NON', code: '2.04' });
  });
});

describe('the first datagram is lost', () => {
  it('and comes when the request comes again', async () => {
    const { peer, progress, requests } = told({ loseFirst: true });
    peer.send(post({ messageId: 7 }));
    peer.send({ code: '0.00', messageId: 8 });
    // The answer to the ping is the first that arrives.
    expect(await peer.message(0)).toMatchObject({ type: 'RST', messageId: 8 });
    peer.send(post({ messageId: 7 }));
    expect(await peer.message(1)).toMatchObject({ type: 'ACK', code: '2.04', messageId: 7 });
    expect(progress.map(({ kind }) => kind)).toEqual(['block', 'repeated']);
    expect(requests).toHaveLength(1);
  });

  it('of a separate response the ACK and the response', async () => {
    const { peer } = told({ loseFirst: true, separate: true });
    peer.send(post({ messageId: 7 }));
    peer.send({ code: '0.00', messageId: 8 });
    expect(await peer.message(0)).toMatchObject({ type: 'RST', messageId: 8 });
    peer.send(post({ messageId: 7 }));
    const both = [await peer.message(1), await peer.message(2)];
    expect(kinds(both)).toContain('ACK 0.00 7');
    expect(both.map(({ type, code }) => `${type} ${code}`)).toContain('CON 2.04');
  });

  it('counts as one when the request came twice before there was an answer', async () => {
    let answer = (): void => undefined;
    const { peer } = scene(
      () =>
        new Promise((resolve) => {
          answer = () => resolve({ code: '2.04', delivery: { loseFirst: true } });
        }),
    );
    peer.send(post({ messageId: 7 }));
    peer.send(post({ messageId: 7 }));
    peer.send({ code: '0.00', messageId: 8 });
    await peer.message(0);
    answer();
    expect(await peer.message(1)).toMatchObject({ type: 'ACK', code: '2.04', messageId: 7 });
    peer.send({ code: '0.00', messageId: 9 });
    expect(await peer.message(2)).toMatchObject({ type: 'RST', messageId: 9 });
  });
});

describe('blocks of a response', () => {
  const get = (num: number, messageId: number): CoapMessage =>
    post({
      messageId,
      options: [option('Uri-Path', 'x'), blockOption('Block2', { num, more: false, size: 64 })],
    });

  it('are as large as the response says', async () => {
    const { peer, progress } = told({ blockSize: 64 }, pattern(150));
    for (const num of [0, 1, 2]) peer.send(num === 0 ? post() : get(num, 1 + num));
    const blocks = [await peer.message(0), await peer.message(1), await peer.message(2)];
    expect(blocks.map(({ payload }) => payload.length)).toEqual([64, 64, 22]);
    expect(blocks.map(({ options }) => blockOf(options, 'Block2'))).toEqual([
      { num: 0, more: true, size: 64 },
      { num: 1, more: true, size: 64 },
      { num: 2, more: false, size: 64 },
    ]);
    expect(progress).toEqual([
      { kind: 'block', num: 0, more: true },
      { kind: 'block', num: 1, more: true },
      { kind: 'block', num: 2, more: false },
    ]);
  });

  it.each([0, 1, 2])('one that is missing is answered with 4.08: %i', async (missingBlock) => {
    const { peer, progress, requests } = told({ blockSize: 64, missingBlock }, pattern(150));
    peer.send(post());
    for (const num of [1, 2]) peer.send(get(num, 1 + num));
    const codes = [await peer.message(0), await peer.message(1), await peer.message(2)].map(
      ({ code }) => code,
    );
    expect(codes).toEqual([0, 1, 2].map((num) => (num === missingBlock ? '4.08' : '2.04')));
    expect(progress.filter(({ kind }) => kind === 'missing')).toHaveLength(1);
    expect(requests).toHaveLength(1);
  });

  it('of a response in one block there is only the first', async () => {
    const { peer } = told({ missingBlock: 0 });
    peer.send(post());
    expect(await peer.message(0)).toMatchObject({ type: 'ACK', code: '4.08' });
  });
});

describe('in place of a response', () => {
  it.each(['CON', 'NON'] as const)('RST to a %s', async (type) => {
    const { peer } = told({ reset: true });
    peer.send(post({ type, messageId: 7 }));
    expect(await peer.message(0)).toMatchObject({ type: 'RST', code: '0.00', messageId: 7 });
  });

  it('nothing, not even an acknowledgement', async () => {
    const { peer } = told({ silent: true }, bytesOf('no'), { piggybackMs: 1 });
    peer.send(post({ messageId: 7 }));
    peer.send(post({ messageId: 7 }));
    peer.send({ code: '0.00', messageId: 8 });
    expect(await peer.message(0)).toMatchObject({ type: 'RST', messageId: 8 });
    expect(peer.received).toHaveLength(1);
  });
});

describe('options of a response', () => {
  it('stand besides its Content-Format', async () => {
    const { peer } = scene(async () => ({ code: '5.03', options: [option('Max-Age', 30)] }));
    peer.send(post());
    const response = await peer.message(0);
    expect(response.code).toBe('5.03');
    expect(value(response, 14)).toBe('1e');
  });

  it('that have no encoding make it 5.00', async () => {
    const { peer } = scene(async () => ({ code: '2.04', options: [{ number: 70_000, value: token }] }));
    peer.send(post());
    expect(await peer.message(0)).toMatchObject({ type: 'ACK', code: '5.00' });
  });
});

describe('what the handler and whoever listens are told', () => {
  it('type, blocks, and how often messages came again', async () => {
    const { peer, requests } = scene();
    const part = (num: number, more: boolean, messageId: number): CoapMessage =>
      post({
        messageId,
        options: [option('Uri-Path', 'x'), blockOption('Block1', { num, more, size: 16 })],
        payload: pattern(16),
      });
    peer.send(part(0, true, 1));
    peer.send(part(0, true, 1));
    peer.send(part(1, false, 2));
    peer.send(post({ type: 'NON', messageId: 3 }));
    for (const nr of [0, 1, 2, 3]) await peer.message(nr);
    expect(requests.map(({ type, blocks, retransmissions }) => ({ type, blocks, retransmissions }))).toEqual([
      { type: 'CON', blocks: 2, retransmissions: 1 },
      { type: 'NON', blocks: 1, retransmissions: 0 },
    ]);
  });

  it.each([
    ['bytes that are none', Uint8Array.of(0x40, 0x02), 'no CoAP message'],
    ['a critical option', post({ options: [{ number: 65_001, value: token }] }), '65001'],
    ['a response', post({ code: '2.04' }), '2.04'],
    [
      'a block in the middle',
      post({ options: [blockOption('Block1', { num: 3, more: true, size: 16 })], payload: pattern(16) }),
      '4.08',
    ],
    ['a body that is too large', post({ payload: pattern(101) }), '4.13'],
    ['a block that is none', post({ options: [{ number: 23, value: Uint8Array.of(0x1f) }] }), 'Block2'],
  ])('what was refused: %s', async (_name, message, reason) => {
    const refused: { reason: string; length: number }[] = [];
    const { peer, requests } = scene(undefined, {
      maxPayload: 100,
      onRefused: (why, datagram) => refused.push({ reason: why, length: datagram.length }),
    });
    peer.send(message);
    peer.send({ code: '0.00', messageId: 99 });
    await expect.poll(() => peer.received.some(({ messageId }) => messageId === 99)).toBe(true);
    expect(refused).toHaveLength(1);
    expect(refused[0]!.reason).toContain(reason);
    expect(refused[0]!.length).toBeGreaterThan(1);
    expect(requests).toHaveLength(0);
  });
});
