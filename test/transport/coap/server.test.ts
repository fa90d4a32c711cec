import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../../../src/transport/coap/index.js';
import { option } from '../../../src/transport/coap/options.js';
import { bytesOf, messageOf } from './channels.js';
import { post, scene, token, value } from './server-scene.js';

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
