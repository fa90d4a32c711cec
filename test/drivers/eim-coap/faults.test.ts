import { describe, expect, it } from 'vitest';
import type { TransportError } from '../../../drivers/contract.js';
import {
  CoapServer,
  decodeMessage,
  encodeMessage,
  option,
  type CoapMessage,
  type DatagramChannel,
} from '../../../src/transport/coap/index.js';
import { answerTo, pattern } from '../../transport/coap/channels.js';
import { freePort, issueServer, PSK, udpSocket } from '../../transport/dtls/support.js';
import { answering, ANSWER, channelTo, dtlsServer, eim, plainServer, REQUEST } from './support.js';

const request = { device: 'one', message: REQUEST };

/** Answers each request with these bytes; a response in parts is encoded. */
const hostile =
  (answer: (message: CoapMessage) => Uint8Array | Partial<CoapMessage>) =>
  (channel: DatagramChannel): void =>
    channel.onMessage((bytes) => {
      const message = decodeMessage(bytes);
      if (message.code !== '0.02') return;
      const given = answer(message);
      void channel.send(given instanceof Uint8Array ? given : encodeMessage(answerTo(message, given)));
    });

/** Answers the first request of a session well, so that the deadline of the next one is not spent on a handshake. */
const afterFirst =
  (serve: (channel: DatagramChannel) => void) =>
  (channel: DatagramChannel): void => {
    const listeners: ((bytes: Uint8Array) => void)[] = [];
    let first = true;
    channel.onMessage((bytes) => {
      if (first) void channel.send(encodeMessage(answerTo(decodeMessage(bytes))));
      else for (const listener of listeners) listener(bytes);
      first = false;
    });
    serve({
      send: (bytes) => channel.send(bytes),
      onMessage: (callback) => void listeners.push(callback),
      onClose: (callback) => channel.onClose(callback),
      close: () => channel.close(),
    });
  };

describe('answers', () => {
  it('silence after the handshake: timeout, and the copies that went out', async () => {
    const port = await dtlsServer(afterFirst(() => undefined));
    const channel = channelTo(port, { deadlineMs: 1500, ackTimeoutMs: 100 });
    await channel.exchange(request);
    const seen = await channel.exchange(request);
    expect(seen.fault).toMatchObject({
      kind: 'timeout',
      path: 'coap',
      expected: 'a response within 1500 ms',
      actual: 'nothing',
    });
    expect(seen.facts['tls']).toMatchObject({ version: 'DTLSv1.2' });
    expect(seen.facts['coap']).toBeUndefined();
    expect(seen.events.filter(({ kind }) => kind === 'coap-out').length).toBeGreaterThan(1);
    expect(seen.events.at(-1)?.text).toMatch(/retransmission/);
  });

  it('an empty ACK and nothing more: timeout with what was seen', async () => {
    const port = await dtlsServer(afterFirst(hostile(() => ({ code: '0.00', token: new Uint8Array(0) }))));
    const channel = channelTo(port, { deadlineMs: 1500 });
    await channel.exchange(request);
    const seen = await channel.exchange(request);
    expect(seen.fault).toMatchObject({ kind: 'timeout', actual: 'an empty ACK, and nothing more' });
    expect(seen.facts['coap']).toEqual({ code: '0.00' });
  });

  it('RST: reset', async () => {
    const port = await dtlsServer(hostile((message) => resetOf(encodeMessage(message))));
    expect((await channelTo(port).exchange(request)).fault).toMatchObject({ kind: 'reset' });
  });

  it('blocks without end: oversized, before the deadline', async () => {
    const endless = hostile((message) => {
      const wish = message.options.find(({ number }) => number === 23)?.value ?? new Uint8Array(0);
      const num = wish.reduce((sum, byte) => sum * 256 + byte, 0) >> 4;
      return { options: [option('Block2', num * 16 + 8 + 6)], payload: pattern(1024) };
    });
    const channel = channelTo(await dtlsServer(endless), { maxPayload: 50_000 });
    const seen = await channel.exchange(request);
    expect(seen.fault).toMatchObject({
      kind: 'oversized',
      path: 'coap.payload',
      expected: 'at most 50000 bytes',
    });
    expect(seen.facts['coap']).toMatchObject({ code: '2.04', blocks: '49' });
  });

  it('blocks that do not fit together: malformed', async () => {
    const same = hostile(() => ({ options: [option('Block2', 8)], payload: pattern(16) }));
    const seen = await channelTo(await dtlsServer(same)).exchange(request);
    expect(seen.fault).toEqual({
      kind: 'malformed',
      path: 'coap.Block2',
      expected: 'a block at byte 16',
      actual: 'a block at byte 0',
    });
  });

  it('another token: the answer, with a violation', async () => {
    const port = await dtlsServer(hostile(() => ({ token: Uint8Array.of(1), payload: ANSWER })));
    const seen = await channelTo(port).exchange(request);
    expect(seen.data).toEqual(ANSWER);
    expect(seen.facts['coap']).toMatchObject({ tokenEcho: 'false' });
    expect(seen.findings).toMatchObject([{ severity: 'violation', code: 'coap-token' }]);
  });

  it.each([
    [
      'an option that is cut',
      (id: number) => Uint8Array.of(0x60, 0x44, id >> 8, id & 255, 0xb9, 1),
      'coap.options',
    ],
    ['another version', (id: number) => Uint8Array.of(0xa0, 0x44, id >> 8, id & 255), 'coap.version'],
    ['a request code', (id: number) => Uint8Array.of(0x60, 0x02, id >> 8, id & 255), 'coap.code'],
  ])('%s: malformed', async (_, bytes, path) => {
    const port = await dtlsServer(hostile(({ messageId }) => bytes(messageId)));
    const seen = await channelTo(port).exchange(request);
    expect(seen.fault).toMatchObject({ kind: 'malformed', path });
    expect(seen.events.at(-1)).toMatchObject({ kind: 'coap-in' });
  });

  it('a session that is closed in the middle: reset', async () => {
    const port = await dtlsServer((channel) => channel.onMessage(() => void channel.close()));
    const seen = await channelTo(port).exchange(request);
    expect(seen.fault).toMatchObject({ kind: 'reset', path: 'coap' });
  });

  it('a network that drops every second datagram costs copies, not answers', async () => {
    const port = await dtlsServer((channel) => {
      let incoming = 0;
      let outgoing = 0;
      const lossy: DatagramChannel = {
        send: async (bytes) => ((outgoing += 1) % 2 === 0 ? undefined : channel.send(bytes)),
        onMessage: (callback) =>
          channel.onMessage((bytes) => ((incoming += 1) % 2 === 0 ? callback(bytes) : undefined)),
        onClose: (callback) => channel.onClose(callback),
        close: () => channel.close(),
      };
      new CoapServer(lossy, async ({ payload }) => ({ code: '2.04', payload }));
    });
    const channel = channelTo(port, { ackTimeoutMs: 10 });
    const seen = await channel.exchange({ device: 'one', body: pattern(3000) });
    expect(Buffer.from(seen.data).equals(pattern(3000))).toBe(true);
    expect(seen.events.filter(({ text }) => text?.includes('retransmission')).length).toBeGreaterThan(5);
  });

  it('after a fault the next exchange has a new session', async () => {
    let sessions = 0;
    const port = await dtlsServer((channel) => {
      sessions += 1;
      if (sessions > 1) new CoapServer(channel, answering());
      else channel.onMessage((bytes) => void channel.send(encodeMessage(resetOf(bytes))));
    });
    const channel = channelTo(port);
    expect((await channel.exchange(request)).fault).toMatchObject({ kind: 'reset' });
    expect((await channel.exchange(request)).data).toEqual(ANSWER);
  });
});

describe('no session', () => {
  it('a host that says nothing: timeout in the handshake', async () => {
    const socket = await udpSocket();
    const channel = channelTo(socket.address().port, { deadlineMs: 500 });
    const seen = await channel.exchange(request);
    expect(seen.fault).toEqual({
      kind: 'timeout',
      path: 'tls.handshake',
      expected: 'a DTLS session within 500 ms',
      actual: 'an unfinished handshake',
    });
  });

  it('a port that nobody listens on: unreachable, with DTLS and without', async () => {
    const port = await freePort();
    await expect(channelTo(port).exchange(request)).rejects.toMatchObject({
      code: 'unreachable',
      actual: 'ECONNREFUSED',
    });
    const refused = await channelTo(port, { plain: true })
      .exchange(request)
      .catch((error: unknown) => error as TransportError);
    expect(refused).toMatchObject({ code: 'unreachable', actual: 'ECONNREFUSED' });
    expect((refused as TransportError).events).toMatchObject([{ kind: 'coap-out' }]);
  });

  it('a name that does not exist: unreachable', async () => {
    for (const plain of [true, false]) {
      const channel = channelTo(1, { url: 'coaps://eim.invalid:5684', plain });
      await expect(channel.exchange(request)).rejects.toMatchObject({ code: 'unreachable' });
    }
  });

  it.each([
    ['expired', issueServer('P-256', { notAfter: new Date('2021-01-01T00:00:00Z') }), {}],
    ['for another name', issueServer('P-256', { dns: ['other.example.com'] }), {}],
    ['not the pinned one', issueServer('P-256'), { trust: { pinnedSpki: spki() } }],
  ])('a certificate that is %s: certificate', async (_, credentials, options) => {
    const channel = channelTo(await eim(answering(), {}, { credentials }), options);
    const seen = await channel.exchange(request);
    expect(seen.fault).toMatchObject({ kind: 'certificate', path: 'tls.certificate' });
    expect(seen.facts['tls']).toMatchObject({ chain: [expect.stringMatching(/^3082/)] });
    expect(seen.fault?.actual).not.toBe('');
  });

  it('another pre-shared key: handshake', async () => {
    const port = await eim(answering(), {}, { credentials: { psk: PSK } });
    const psk = { identity: PSK.identity, key: new Uint8Array(16) };
    const channel = channelTo(port, { psk, trust: {}, deadlineMs: 1200 });
    const { fault } = await channel.exchange(request);
    expect(['handshake', 'timeout']).toContain(fault?.kind);
    expect(fault?.path).toBe('tls.handshake');
  });
});

describe('given up by the caller', () => {
  it('before, in the handshake, and while an answer is awaited: aborted', async () => {
    const silent = await udpSocket();
    const open = await dtlsServer(() => undefined);
    await expect(channelTo(open).exchange(request, AbortSignal.abort())).rejects.toMatchObject({
      code: 'aborted',
    });
    for (const port of [silent.address().port, open]) {
      const waiting = channelTo(port).exchange(request, AbortSignal.timeout(300));
      await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    }
  });

  it('what can not be sent is no fault of the eIM', async () => {
    const port = await plainServer(() => undefined);
    const channel = channelTo(port, { plain: true });
    const deviating = { ...request, coap: { options: [{ number: 70_000, value: '' }] } };
    await expect(channel.exchange(deviating)).rejects.toMatchObject({ code: 'coap-unencodable' });
  });
});

const resetOf = (bytes: Uint8Array): CoapMessage =>
  answerTo(decodeMessage(bytes), { type: 'RST', code: '0.00', token: new Uint8Array(0) });

function spki(): Uint8Array {
  return Uint8Array.from(
    Buffer.from(
      '3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
      'hex',
    ),
  );
}
