import { describe, expect, it } from 'vitest';
import type { CoapMessage } from '../../../src/transport/coap/index.js';
import { option } from '../../../src/transport/coap/options.js';
import { pattern } from './channels.js';
import { post, scene, value } from './server-scene.js';

const withBlock1 = (
  num: number,
  more: boolean,
  payload: Uint8Array,
  extra: readonly CoapMessage['options'][number][] = [],
  szx = 0,
): CoapMessage =>
  post({
    messageId: 100 + num,
    options: [option('Uri-Path', 'x'), option('Block1', num * 16 + (more ? 8 : 0) + szx), ...extra],
    payload,
  });

describe('Block1', () => {
  it('2.31 with the block, then the answer to the whole', async () => {
    const body = pattern(40);
    const { peer, requests } = scene();
    for (const num of [0, 1, 2]) {
      peer.send(withBlock1(num, num < 2, body.subarray(num * 16, num * 16 + 16)));
      await peer.message(num);
    }
    expect(peer.received.map((message) => [message.code, value(message, 27)])).toEqual([
      ['2.31', '08'],
      ['2.31', '18'],
      ['2.04', '20'],
    ]);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.payload).toEqual(body);
  });

  it('a server with smaller blocks says so', async () => {
    const { peer } = scene(undefined, { blockSize: 16 });
    peer.send(withBlock1(0, true, pattern(64), [], 2));
    expect(value(await peer.message(0), 27)).toBe('08');
  });

  it.each([
    ['begins with the second', [[1, true, 16]], '4.08'],
    [
      'leaves one out',
      [
        [0, true, 16],
        [2, false, 4],
      ],
      '4.08',
    ],
    [
      'sends one twice under new message ids',
      [
        [0, true, 16],
        [1, true, 16],
        [1, true, 16],
      ],
      '4.08',
    ],
    ['sends a short one', [[0, true, 15]], '4.00'],
    ['sends a long last one', [[0, false, 17]], '4.00'],
  ] as const)('a client that %s: %s', async (_, blocks, code) => {
    const { peer, requests } = scene();
    for (const [index, [num, more, length]] of blocks.entries()) {
      peer.send({ ...withBlock1(num, more, pattern(length)), messageId: 500 + index });
      await peer.message(index);
    }
    expect(peer.received.at(-1)).toMatchObject({ code });
    expect(requests).toHaveLength(0);
  });

  it('after 4.08 the body is gone, and a new one begins at 0', async () => {
    const { peer, requests } = scene();
    const order = [0, 2, 1, 0, 1];
    for (const [index, num] of order.entries()) {
      peer.send({ ...withBlock1(num, index !== 4, pattern(16)), messageId: 500 + index });
      await peer.message(index);
    }
    expect(peer.received.map(({ code }) => code)).toEqual(['2.31', '4.08', '4.08', '2.31', '2.04']);
    expect(requests.map(({ payload }) => payload.length)).toEqual([32]);
  });

  it('another Content-Format in the middle: 4.08; another path is another body', async () => {
    const { peer } = scene();
    peer.send(withBlock1(0, true, pattern(16), [option('Content-Format', 42)]));
    peer.send({ ...withBlock1(1, false, pattern(16), [option('Uri-Path', 'y')]), messageId: 7 });
    peer.send(withBlock1(1, false, pattern(16), [option('Content-Format', 50)]));
    await peer.message(2);
    expect(peer.received.map(({ code }) => code)).toEqual(['2.31', '4.08', '4.08']);
  });

  it('over the limit: 4.13 with the limit, as soon as Size1 or the blocks tell', async () => {
    const { peer, requests } = scene(undefined, { maxPayload: 20 });
    peer.send(withBlock1(0, true, pattern(16), [option('Size1', 21)]));
    peer.send({ ...withBlock1(0, true, pattern(16)), messageId: 600 });
    peer.send(withBlock1(1, false, pattern(5)));
    await peer.message(2);
    expect(peer.received.map((message) => [message.code, value(message, 60)])).toEqual([
      ['4.13', '14'],
      ['2.31', undefined],
      ['4.13', '14'],
    ]);
    expect(requests).toHaveLength(0);
  });

  it('an unfinished body is forgotten when its time is over', async () => {
    const { peer } = scene(undefined, { bodyLifetimeMs: 0 });
    peer.send(withBlock1(0, true, pattern(16)));
    peer.send(withBlock1(1, false, pattern(16)));
    await peer.message(1);
    expect(peer.received.map(({ code }) => code)).toEqual(['2.31', '4.08']);
  });
});

describe('Block2', () => {
  const later = (num: number, szx: number, messageId: number): CoapMessage =>
    post({ messageId, options: [option('Uri-Path', 'x'), option('Block2', num * 16 + szx)] });

  it('first block with Size2 and ETag, further ones with the same ETag, the handler once', async () => {
    const body = pattern(2500);
    const { peer, requests } = scene(async () => ({ code: '2.05', contentFormat: 42, payload: body }));
    peer.send(post());
    peer.send(later(1, 6, 2));
    peer.send(later(2, 6, 3));
    await peer.message(2);
    expect(
      peer.received.map((message) => [value(message, 23), value(message, 28), message.payload.length]),
    ).toEqual([
      ['0e', '09c4', 1024],
      ['1e', undefined, 1024],
      ['26', undefined, 452],
    ]);
    expect(new Set(peer.received.map((message) => value(message, 4))).size).toBe(1);
    expect(Buffer.concat(peer.received.map(({ payload }) => payload))).toEqual(Buffer.from(body));
    expect(requests).toHaveLength(1);
  });

  it('a smaller size from the middle on; behind the end 4.00; for another peer or path 4.08', async () => {
    const { peer } = scene(async () => ({ code: '2.05', payload: pattern(1200) }));
    peer.send(post());
    peer.send(later(64, 0, 2));
    peer.send(later(75, 0, 3));
    peer.send({ ...later(1, 6, 4), options: [option('Uri-Path', 'y'), option('Block2', 0x16)] });
    await peer.message(3);
    expect(peer.received.map(({ code, payload }) => [code, payload.length])).toEqual([
      ['2.05', 1024],
      ['2.05', 16],
      ['4.00', 0],
      ['4.08', 0],
    ]);
  });

  it('a client that asks for blocks gets them, and the option when one is enough', async () => {
    const { peer } = scene(async () => ({ code: '2.05', payload: pattern(20) }));
    peer.send(later(0, 0, 1));
    peer.send(later(0, 1, 2));
    await peer.message(1);
    expect(peer.received.map((message) => [value(message, 23), message.payload.length])).toEqual([
      ['08', 16],
      ['01', 20],
    ]);
  });
});
