import { describe, expect, it } from 'vitest';
import type { CoapMessage } from '../../../src/transport/coap/index.js';
import { option } from '../../../src/transport/coap/options.js';
import { answerTo, bytesOf, pattern, type ScriptedPeer } from './channels.js';
import { POST, scene } from './client-scene.js';

const block = (name: 'Block1' | 'Block2', num: number, more: boolean, szx: number) =>
  option(name, num * 16 + (more ? 8 : 0) + szx);

describe('Block1', () => {
  const CONTINUE = '2.31';
  const block1Of = (message: CoapMessage): number[] =>
    message.options.filter(({ number }) => number === 27).map(({ value }) => value[0] ?? 0);

  it('numbers, more, Size1 in the first, and the payload cut', async () => {
    const { client, peer } = scene((message) => {
      const last = peer.received.length === 3;
      const options = message.options.filter(({ number }) => number === 27);
      peer.send(answerTo(message, { code: last ? '2.04' : CONTINUE, options }));
    });
    const payload = pattern(40);
    const response = await client.request({ ...POST, payload, blockSize: 16 });
    expect(response).toMatchObject({
      code: '2.04',
      block1Blocks: 3,
      block1Size: 16,
      block1Codes: [CONTINUE, CONTINUE],
    });
    expect(peer.received.map(block1Of)).toEqual([[0x08], [0x18], [0x20]]);
    expect(peer.received[0]?.options).toContainEqual(option('Size1', 40));
    expect(Buffer.concat(peer.received.map((message) => message.payload))).toEqual(Buffer.from(payload));
  });

  it('smaller blocks when the server asks: it goes on behind the bytes that are there', async () => {
    const { client, peer } = scene((message) => {
      const first = peer.received.length === 1;
      const options = first ? [block('Block1', 0, true, 0)] : message.options.filter((o) => o.number === 27);
      peer.send(answerTo(message, { code: message.payload.length < 16 ? '2.04' : CONTINUE, options }));
    });
    const response = await client.request({ ...POST, payload: pattern(72), blockSize: 32 });
    expect(response).toMatchObject({ code: '2.04', block1Blocks: 4, block1Size: 16 });
    expect(peer.received.map(block1Of)).toEqual([[0x09], [0x28], [0x38], [0x40]]);
  });

  it('4.13 with a smaller size begins again', async () => {
    const { client, peer } = scene((message) => {
      if (peer.received.length === 1)
        return peer.send(answerTo(message, { code: '4.13', options: [block('Block1', 0, true, 0)] }));
      const options = message.options.filter((o) => o.number === 27);
      peer.send(answerTo(message, { code: peer.received.length === 4 ? '2.04' : CONTINUE, options }));
    });
    const response = await client.request({ ...POST, payload: pattern(48), blockSize: 32 });
    expect(response).toMatchObject({ code: '2.04', block1Codes: ['4.13', CONTINUE, CONTINUE] });
    expect(peer.received.map(block1Of)).toEqual([[0x09], [0x08], [0x18], [0x20]]);
  });

  it.each(['4.08', '4.13', '5.00', '2.04'])(
    '%s to the first block without Block1 is the response',
    async (code) => {
      const { client, peer } = scene((message) => peer.send(answerTo(message, { code })));
      const response = await client.request({ ...POST, payload: pattern(40), blockSize: 16 });
      expect(response).toMatchObject({ code, block1Blocks: 1 });
      expect(peer.received).toHaveLength(1);
    },
  );

  it('2.31 for another block, or without Block1: coap-block', async () => {
    for (const options of [[], [block('Block1', 1, true, 0)]]) {
      const { client, peer } = scene((message) => peer.send(answerTo(message, { code: CONTINUE, options })));
      const request = client.request({ ...POST, payload: pattern(40), blockSize: 16 });
      await expect(request).rejects.toMatchObject({ code: 'coap-block', place: 'Block1' });
    }
  });

  it('out of order: the second block goes first, and the first never', async () => {
    const { client, peer } = scene((message) => {
      const options = message.options.filter((o) => o.number === 27);
      peer.send(answerTo(message, { code: peer.received.length === 2 ? '4.08' : CONTINUE, options }));
    });
    const request = { ...POST, payload: pattern(40), blocksOutOfOrder: true, blockSize: 16 };
    expect(await client.request(request)).toMatchObject({ code: '4.08', block1Blocks: 2 });
    expect(peer.received.map(block1Of)).toEqual([[0x18], [0x20]]);
  });

  it('out of order takes blocks small enough that there are two', async () => {
    const { client, peer } = scene((message) => peer.send(answerTo(message, { code: '4.08' })));
    await client.request({ ...POST, payload: pattern(40), blocksOutOfOrder: true });
    expect(peer.received.map(block1Of)).toEqual([[0x11]]);
    const tiny = client.request({ ...POST, payload: pattern(16), blocksOutOfOrder: true });
    await expect(tiny).rejects.toMatchObject({ code: 'coap-unencodable', expected: 'at least 17 bytes' });
  });
});

describe('Block2', () => {
  /** A server that sends `body` in blocks of 16; `change` makes it worse. */
  const blocks =
    (body: Uint8Array, change: (num: number, parts: CoapMessage) => Partial<CoapMessage> = () => ({})) =>
    (message: CoapMessage, peer: ScriptedPeer): void => {
      const wish = message.options.find(({ number }) => number === 23);
      const num = (wish?.value[0] ?? 0) >> 4;
      const more = (num + 1) * 16 < body.length;
      const parts = answerTo(message, {
        code: '2.05',
        options: [option('ETag', bytesOf('e1')), block('Block2', num, more, 0)],
        payload: body.subarray(num * 16, num * 16 + 16),
      });
      peer.send({ ...parts, ...change(num, parts) });
    };

  it('put together, with the options of the first', async () => {
    const body = pattern(40);
    const { client, peer } = scene((message, one) =>
      blocks(body, (num, { options }) => (num === 0 ? { options: [...options, option('Size2', 40)] } : {}))(
        message,
        one,
      ),
    );
    const request = {
      ...POST,
      payload: bytesOf('q'),
      contentFormat: 42,
      options: [option('Uri-Query', 'a=1')],
    };
    const response = await client.request(request);
    expect(response).toMatchObject({ code: '2.05', blocks: 3, block2Size: 16, size2: 40, etag: '6531' });
    expect(response.payload).toEqual(body);
    // Further blocks are asked for without the body of the request.
    const further = peer.received.slice(1);
    expect(further.map(({ payload }) => payload.length)).toEqual([0, 0]);
    expect(further.map(({ options }) => options.map(({ number }) => number))).toEqual([
      [11, 15, 23],
      [11, 15, 23],
    ]);
    expect(peer.received.map(({ code }) => code)).toEqual(['0.02', '0.02', '0.02']);
  });

  it('a client that wants small blocks says so before', async () => {
    const { client, peer } = scene((message) => peer.send(answerTo(message)));
    await client.request({ ...POST, blockSize: 64 });
    expect(peer.received[0]?.options).toContainEqual(option('Block2', Uint8Array.of(2)));
  });

  it.each<[string, string, (num: number, parts: CoapMessage) => Partial<CoapMessage>]>([
    [
      'another ETag',
      'ETag',
      (num, { options }) => ({ options: [option('ETag', bytesOf(`e${num}`)), options[1]!] }),
    ],
    [
      'a number twice',
      'Block2',
      (num) => (num === 1 ? { options: [option('ETag', bytesOf('e1')), block('Block2', 0, true, 0)] } : {}),
    ],
    ['no Block2', 'Block2', (num) => (num === 1 ? { options: [option('ETag', bytesOf('e1'))] } : {})],
    ['a short block', 'Block2', (num) => (num === 1 ? { payload: pattern(15) } : {})],
    ['an error in the middle', 'code', (num) => (num === 1 ? { code: '4.08' } : {})],
    ['a first block that is not number 0', 'Block2', () => ({ options: [block('Block2', 2, true, 0)] })],
    ['a reserved size', 'Block2', () => ({ options: [option('Block2', Uint8Array.of(0x0f))] })],
  ])('%s: coap-block at %s', async (_, place, change) => {
    const { client } = scene((message, peer) => blocks(pattern(64), change)(message, peer));
    await expect(client.request(POST)).rejects.toMatchObject({ code: 'coap-block', place });
  });

  it('blocks without end stop at the limit', async () => {
    const { client, peer } = scene((message) => {
      const wish = message.options.find(({ number }) => number === 23)?.value ?? Uint8Array.of(0);
      const num = Buffer.from(wish).readUIntBE(0, Math.max(1, wish.length)) >> 4;
      peer.send(
        answerTo(message, { code: '2.05', options: [block('Block2', num, true, 6)], payload: pattern(1024) }),
      );
    });
    await expect(client.request({ ...POST, maxPayload: 20_000 })).rejects.toMatchObject({
      code: 'coap-too-large',
      seen: { code: '2.05' },
    });
    expect(peer.received).toHaveLength(20);
  });

  it('a Size2 over the limit stops at once', async () => {
    const { client, peer } = scene((message) =>
      peer.send(
        answerTo(message, {
          options: [block('Block2', 0, true, 0), option('Size2', 2 ** 30)],
          payload: pattern(16),
        }),
      ),
    );
    await expect(client.request(POST)).rejects.toMatchObject({
      code: 'coap-too-large',
      actual: '1073741824 bytes',
    });
    expect(peer.received).toHaveLength(1);
  });
});
