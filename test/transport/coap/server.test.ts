import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CoapClient,
  CoapServer,
  encodeMessage,
  type CoapHandler,
  type CoapMessage,
  type CoapServerOptions,
  type CoapServerRequest,
} from '../../../src/transport/coap/index.js';
import { option } from '../../../src/transport/coap/options.js';
import {
  bytesOf,
  channelPair,
  messageOf,
  pattern,
  scriptedPeer,
  text,
  type ScriptedPeer,
} from './channels.js';

const FAST = { ackTimeoutMs: 20, ackRandomFactor: 1, maxRetransmit: 3 };
const servers: CoapServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Scene {
  peer: ScriptedPeer;
  requests: CoapServerRequest[];
  server: CoapServer;
}

function scene(
  handler: CoapHandler = async () => ({ code: '2.04' }),
  options: CoapServerOptions = {},
): Scene {
  const pair = channelPair();
  const requests: CoapServerRequest[] = [];
  const server = new CoapServer(
    pair.b,
    (request) => {
      requests.push(request);
      return handler(request);
    },
    { ...FAST, ...options },
  );
  servers.push(server);
  return { peer: scriptedPeer(pair.a), requests, server };
}

const token = bytesOf('tk');
const post = (parts: Partial<CoapMessage> = {}): CoapMessage =>
  messageOf({ code: '0.02', token, options: [option('Uri-Path', 'x')], ...parts });
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
const value = (message: CoapMessage, number: number): string | undefined => {
  const found = message.options.find((one) => one.number === number);
  return found === undefined ? undefined : Buffer.from(found.value).toString('hex');
};

describe('one request', () => {
  it('the handler sees it whole, and the answer is in the ACK', async () => {
    const { peer, requests } = scene(async () => ({
      code: '2.05',
      contentFormat: 42,
      payload: bytesOf('ok'),
    }));
    const options = [
      option('Uri-Host', 'eim.example.com'),
      option('Uri-Path', 'gsma'),
      option('Uri-Path', 'asn1'),
      option('Uri-Query', 'a=1'),
      option('Content-Format', 42),
      { number: 65000, value: bytesOf('elective') },
    ];
    peer.send(post({ options, payload: bytesOf('in') }));
    expect(await peer.message(0)).toEqual(
      messageOf({
        type: 'ACK',
        code: '2.05',
        messageId: 1,
        token,
        options: [option('Content-Format', 42)],
        payload: bytesOf('ok'),
      }),
    );
    expect(requests).toMatchObject([
      { code: '0.02', path: ['gsma', 'asn1'], query: ['a=1'], contentFormat: 42, payload: bytesOf('in') },
    ]);
    expect(requests[0]?.options).toHaveLength(5);
  });

  it('2.04 without payload', async () => {
    const { peer } = scene();
    peer.send(post());
    expect(Buffer.from(encodeMessage(await peer.message(0))).toString('hex')).toBe('62440001746b');
  });

  it('a non-confirmable request gets a non-confirmable response', async () => {
    const { peer } = scene();
    peer.send(post({ type: 'NON' }));
    expect(await peer.message(0)).toMatchObject({ type: 'NON', code: '2.04', token });
  });

  it('the same message id is processed once and answered again, the same', async () => {
    const { peer, requests } = scene(async () => ({
      code: '2.04',
      payload: bytesOf(String(requests.length)),
    }));
    peer.send(post());
    const first = await peer.message(0);
    peer.send(post());
    expect(await peer.message(1)).toEqual(first);
    expect(requests).toHaveLength(1);
  });

  it('a copy that comes while the handler works gets an answer of its own, when there is one', async () => {
    const { peer, requests } = scene();
    peer.send(post());
    peer.send(post());
    expect(await peer.message(1)).toEqual(await peer.message(0));
    expect(requests).toHaveLength(1);
  });

  it('a slow handler: empty ACK, then a response that is sent until it is acknowledged', async () => {
    const { peer, requests } = scene(
      () => new Promise((resolve) => setTimeout(resolve, 30, { code: '2.05', payload: bytesOf('late') })),
      { piggybackMs: 5, ackTimeoutMs: 200 },
    );
    peer.send(post());
    expect(await peer.message(0)).toMatchObject({ type: 'ACK', code: '0.00', messageId: 1 });
    const response = await peer.message(1);
    expect(response).toMatchObject({ type: 'CON', code: '2.05', token, payload: bytesOf('late') });
    expect(await peer.message(2)).toEqual(response);
    peer.send({ type: 'ACK', code: '0.00', messageId: response.messageId });
    peer.send(post({ messageId: 2 }));
    // Nothing else comes in between.
    expect(await peer.message(3)).toMatchObject({ type: 'ACK', code: '0.00', messageId: 2 });
    expect(requests).toHaveLength(2);
  });

  it('a response that is never acknowledged ends', async () => {
    const { peer } = scene(() => new Promise((resolve) => setTimeout(resolve, 10, { code: '2.05' })), {
      piggybackMs: 1,
      ackTimeoutMs: 5,
      maxRetransmit: 1,
    });
    peer.send(post());
    await peer.message(2);
    peer.send({ code: '0.00', messageId: 9 });
    expect(await peer.message(3)).toMatchObject({ type: 'RST' });
    expect(peer.received.filter(({ type }) => type === 'CON')).toHaveLength(2);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('secret'))],
    ['answers what is no response', async () => ({ code: '0.02' })],
    ['answers a code that has no bytes', async () => ({ code: '2.99' })],
  ])('a handler that %s: 5.00 without a word', async (_, handler) => {
    const { peer } = scene(handler);
    peer.send(post());
    expect(await peer.message(0)).toMatchObject({ code: '5.00', payload: new Uint8Array(0) });
  });

  it('more requests at once than allowed: 5.03', async () => {
    const { peer, requests } = scene(() => new Promise(() => undefined), { maxConcurrent: 1 });
    peer.send(post());
    peer.send(post({ messageId: 2 }));
    const refused = await peer.message(0);
    expect(refused).toMatchObject({ type: 'ACK', code: '5.03', messageId: 2 });
    expect(value(refused, 14)).toBe('01');
    expect(requests).toHaveLength(1);
  });
});

describe('refused', () => {
  it.each([
    ['an unknown critical option', '4.02', [{ number: 65001, value: bytesOf('x') }]],
    ['a repeated Accept', '4.02', [option('Accept', 42), option('Accept', 43)]],
    ['a Block1 of 4 bytes', '4.02', [option('Block1', Uint8Array.of(1, 2, 3, 4))]],
    ['a proxy request', '5.05', [option('Proxy-Uri', 'coap://elsewhere')]],
    ['a reserved Block1 size', '4.00', [option('Block1', Uint8Array.of(0x0f))]],
    ['a reserved Block2 size', '4.00', [option('Block2', Uint8Array.of(0x07))]],
  ])('%s: %s', async (_, code, options) => {
    const { peer, requests } = scene();
    peer.send(post({ options }));
    expect(await peer.message(0)).toMatchObject({ type: 'ACK', code, token });
    expect(requests).toHaveLength(0);
  });

  it('a non-confirmable request with such an option gets nothing; a ping afterwards gets RST', async () => {
    const { peer, requests } = scene();
    peer.send(post({ type: 'NON', options: [{ number: 65001, value: bytesOf('x') }] }));
    peer.send({ code: '0.00', messageId: 9 });
    expect(await peer.message(0)).toMatchObject({ type: 'RST', messageId: 9 });
    expect(requests).toHaveLength(0);
  });

  it('confirmable garbage is reset, another version is ignored, and a response is reset', async () => {
    const { peer } = scene();
    peer.send(Uint8Array.of(0x80, 0x02, 0, 1));
    peer.send(Uint8Array.of(0x40, 0x02, 0, 2, 0xff));
    peer.send(Uint8Array.of(0x50, 0x02, 0, 3, 0xff));
    peer.send(post({ code: '2.05', messageId: 4 }));
    peer.send(post({ code: '6.05', messageId: 5 }));
    await peer.message(2);
    expect(peer.received).toMatchObject([
      { type: 'RST', messageId: 2 },
      { type: 'RST', messageId: 4 },
      { type: 'RST', messageId: 5 },
    ]);
  });
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

describe('with our own client', () => {
  it('bodies of any size in blocks of any size come through a channel that loses every third datagram', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(3000),
        fc.nat(3000),
        fc.constantFrom(16, 64, 1024),
        fc.constantFrom(32, 512, 1024),
        fc.nat(2),
        async (up, down, clientSize, serverSize, phase) => {
          const size = Math.max(clientSize, 64);
          const pair = channelPair((_, __, nr) => nr % 3 === phase);
          const seen: number[] = [];
          const server = new CoapServer(
            pair.b,
            async ({ payload }) => {
              expect(payload).toEqual(pattern(up));
              seen.push(payload.length);
              return { code: '2.05', payload: pattern(down) };
            },
            { ...FAST, blockSize: serverSize },
          );
          const client = new CoapClient(pair.a, { ackTimeoutMs: 1, ackRandomFactor: 1, maxRetransmit: 13 });
          const response = await client.request({
            code: '0.02',
            path: 'x',
            payload: pattern(up),
            blockSize: size,
          });
          expect(response.code).toBe('2.05');
          expect(response.payload).toEqual(pattern(down));
          expect(seen).toEqual([up]);
          await client.close();
          await server.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('any datagrams leave the server whole', async () => {
    const { peer, server } = scene();
    const pair = channelPair();
    const victim = new CoapServer(pair.b, async ({ payload }) => ({ code: '2.05', payload }), FAST);
    servers.push(victim);
    const random = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(fc.nat(3), fc.nat(255), fc.nat(5), fc.uint8Array({ maxLength: 40 }))
        .map(([type, code, id, rest]) => Uint8Array.of(0x40 | (type << 4), code, 0, id, ...rest)),
    );
    for (const bytes of fc.sample(random, 5000)) await pair.a.send(bytes);
    const client = new CoapClient(pair.a);
    const response = await client.request({ code: '0.02', path: 'y', payload: bytesOf('still there') });
    expect(text(response.payload)).toBe('still there');
    await server.close();
    expect(peer.received).toHaveLength(0);
  });
});
