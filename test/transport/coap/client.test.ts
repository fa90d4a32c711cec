import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CoapError } from '../../../src/transport/coap/index.js';
import { option } from '../../../src/transport/coap/options.js';
import { answerTo, bytesOf, text } from './channels.js';
import { CALM, FAST, POST, scene } from './client-scene.js';

describe('one exchange', () => {
  it('piggybacked: code, format, payload, token', async () => {
    const { client, peer } = scene((message) =>
      peer.send(answerTo(message, { options: [option('Content-Format', 42)], payload: bytesOf('hello') })),
    );
    const response = await client.request({ ...POST, contentFormat: 42, payload: bytesOf('hi') });
    expect(response).toMatchObject({
      code: '2.04',
      type: 'ACK',
      separate: false,
      contentFormat: 42,
      payload: bytesOf('hello'),
      blocks: 1,
      block1Blocks: 0,
      tokenEcho: true,
    });
    expect(peer.received).toHaveLength(1);
    expect(peer.received[0]).toMatchObject({ type: 'CON', code: '0.02', payload: bytesOf('hi') });
    expect(peer.received[0]?.token).toHaveLength(4);
  });

  it('separate: the empty ACK ends the retransmissions, and the response is acknowledged', async () => {
    const { client, peer } = scene((message) => {
      if (message.code !== '0.02') return;
      peer.send({ type: 'ACK', code: '0.00', messageId: message.messageId });
      peer.send({ code: '2.05', messageId: 900, token: message.token, payload: bytesOf('late') });
      // Its acknowledgement was lost, so the server sends it again.
      peer.send({ code: '2.05', messageId: 900, token: message.token, payload: bytesOf('late') });
    });
    const response = await client.request(POST);
    expect(response).toMatchObject({ code: '2.05', type: 'CON', separate: true, payload: bytesOf('late') });
    await peer.message(2);
    expect(peer.received.slice(1)).toMatchObject([
      { type: 'ACK', code: '0.00', messageId: 900 },
      { type: 'ACK', code: '0.00', messageId: 900 },
    ]);
  });

  it('a separate response before its ACK is taken as one', async () => {
    const { client, peer } = scene((message) => {
      if (message.code === '0.02')
        peer.send({ type: 'NON', code: '2.05', messageId: 5, token: message.token });
    });
    expect(await client.request(POST)).toMatchObject({ type: 'NON', separate: true });
  });

  it('a non-confirmable request', async () => {
    const { client, peer } = scene((message) =>
      peer.send({ type: 'NON', code: '2.04', messageId: 5, token: message.token }),
    );
    expect(await client.request({ ...POST, confirmable: false })).toMatchObject({ code: '2.04' });
    expect(peer.received).toMatchObject([{ type: 'NON' }]);
  });

  it('a wrong token in the ACK is an answer, and told', async () => {
    const { client, peer } = scene((message) => peer.send(answerTo(message, { token: bytesOf('zz') })));
    expect(await client.request(POST)).toMatchObject({ code: '2.04', tokenEcho: false });
  });

  it('requests go out one after the other', async () => {
    const { client, peer } = scene((message) => peer.send(answerTo(message, { payload: message.payload })));
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((payload) => client.request({ ...POST, payload: bytesOf(payload) })),
    );
    expect(answers.map(({ payload }) => text(payload))).toEqual(['a', 'b', 'c']);
    expect(peer.received.map(({ payload }) => text(payload))).toEqual(['a', 'b', 'c']);
    expect(new Set(peer.received.map(({ messageId }) => messageId)).size).toBe(3);
  });
});

describe('retransmission', () => {
  afterEach(() => vi.useRealTimers());

  it('goes out at 2, 6, 14 and 30 seconds, and is given up at 62', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const start = Date.now();
    const at: number[] = [];
    let now = 0;
    const { client, peer } = scene(() => at.push(now), { ackRandomFactor: 1 });
    const outcome = client.request(POST).catch((error: unknown) => error);
    for (now = 0; now <= 62; now += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(1000);
    }
    expect(await outcome).toMatchObject({ code: 'coap-timeout', actual: 'nothing' });
    expect(at.map((second) => second - (at[0] ?? 0))).toEqual([0, 2, 6, 14, 30]);
    expect(new Set(peer.received.map(({ messageId }) => messageId)).size).toBe(1);
    expect(Date.now() - start).toBeLessThan(10_000);
  });

  it('the answer to the third copy is the answer', async () => {
    let copies = 0;
    const { client, peer, pair } = scene((message) => {
      copies += 1;
      if (copies === 3) peer.send(answerTo(message));
    }, FAST);
    expect(await client.request(POST)).toMatchObject({ code: '2.04' });
    expect(pair.log.filter(({ from }) => from === 'a')).toHaveLength(3);
  });
});

describe('what is no answer', () => {
  it('RST: coap-reset', async () => {
    const { client, peer } = scene(({ messageId }) => peer.send({ type: 'RST', code: '0.00', messageId }));
    await expect(client.request(POST)).rejects.toMatchObject({ code: 'coap-reset' });
  });

  it('an ACK and nothing more: coap-timeout at the deadline, and it says so', async () => {
    const { client, peer } = scene(({ messageId }) => peer.send({ type: 'ACK', code: '0.00', messageId }));
    await expect(client.request(POST, AbortSignal.timeout(60))).rejects.toMatchObject({
      code: 'coap-timeout',
      actual: 'an empty ACK, and nothing more',
      seen: { code: '0.00' },
    });
    expect(peer.received).toHaveLength(1);
  });

  it('an aborted signal sends nothing', async () => {
    const { client, pair } = scene(() => undefined);
    await expect(client.request(POST, AbortSignal.abort())).rejects.toMatchObject({ code: 'coap-timeout' });
    expect(pair.log).toHaveLength(0);
  });

  it('a response that nobody asked for is reset, and named in the timeout', async () => {
    const { client, peer } = scene((message) => {
      if (message.code === '0.02') peer.send({ code: '2.05', messageId: 7, token: bytesOf('zz') });
    }, FAST);
    await expect(client.request(POST)).rejects.toMatchObject({
      code: 'coap-timeout',
      actual: expect.stringContaining('token 7A7A') as string,
    });
    expect(peer.received.find(({ type }) => type === 'RST')).toMatchObject({ messageId: 7 });
  });

  it('a request or a ping of the server is reset', async () => {
    const { client, peer } = scene((message) => {
      if (message.code !== '0.02') return;
      peer.send({ code: '0.01', messageId: 70 });
      peer.send({ code: '0.00', messageId: 71 });
      peer.send(answerTo(message));
    });
    await client.request(POST);
    expect(await Promise.all([peer.message(1), peer.message(2)])).toMatchObject([
      { type: 'RST', messageId: 70 },
      { type: 'RST', messageId: 71 },
    ]);
  });

  it('an ACK that can not be read: coap-malformed at once', async () => {
    const { client, peer } = scene(({ messageId }) =>
      peer.send(Uint8Array.of(0x60, 0x44, messageId >> 8, messageId & 255, 0xff)),
    );
    await expect(client.request(POST)).rejects.toMatchObject({ code: 'coap-malformed', place: 'options' });
    expect(peer.received).toHaveLength(1);
  });

  it('other bytes are ignored, and the reason when nothing better comes', async () => {
    const { client, peer } = scene(({ type }) => {
      if (type === 'CON') peer.send(bytesOf('HTTP/1.1 400 Bad Request'));
    }, FAST);
    await expect(client.request(POST)).rejects.toMatchObject({ code: 'coap-malformed' });
    // Its first bytes look like a confirmable message, so that each one is reset.
    const types = peer.received.map(({ type }) => type);
    expect(types.filter((type) => type === 'CON')).toHaveLength(1 + FAST.maxRetransmit);
    expect(types.filter((type) => type === 'RST')).toHaveLength(1 + FAST.maxRetransmit);

    const second = scene((message, other) => {
      other.send(bytesOf('HTTP/1.1 400 Bad Request'));
      other.send(answerTo(message));
    });
    expect(await second.client.request(POST)).toMatchObject({ code: '2.04' });
  });

  it.each([
    ['a request code', { code: '0.02' }, 'code'],
    ['a reserved class', { code: '3.01' }, 'code'],
    ['an unknown critical option', { options: [{ number: 65001, value: bytesOf('x') }] }, 'options'],
  ])('an ACK with %s: coap-malformed', async (_, parts, place) => {
    const { client, peer } = scene((message) => peer.send(answerTo(message, parts)));
    await expect(client.request(POST)).rejects.toMatchObject({ code: 'coap-malformed', place });
  });

  it('an unknown critical option of the request that comes back in the error is taken', async () => {
    const own = { number: 65001, value: bytesOf('x') };
    const { client, peer } = scene((message) =>
      peer.send(answerTo(message, { code: '4.02', options: [own] })),
    );
    expect(await client.request({ ...POST, options: [own] })).toMatchObject({ code: '4.02' });
  });

  it('a closed channel: coap-closed, also for later requests', async () => {
    const { client, pair } = scene(() => void pair.b.close());
    await expect(client.request(POST)).rejects.toMatchObject({ code: 'coap-closed' });
    await expect(client.request(POST)).rejects.toMatchObject({ code: 'coap-closed' });
  });
});

describe('duplicates', () => {
  it('two identical answers', async () => {
    const { client, peer } = scene((message) => peer.send(answerTo(message)));
    const { duplicateAnswers } = await client.request({ ...POST, duplicate: true });
    expect(duplicateAnswers).toEqual({ identical: true, acknowledgements: 2, responses: 0 });
    expect(peer.received[0]).toEqual(peer.received[1]);
  });

  it('two answers that differ', async () => {
    let nr = 0;
    const { client, peer } = scene((message) => {
      nr += 1;
      peer.send(answerTo(message, { payload: Uint8Array.of(nr) }));
    });
    const response = await client.request({ ...POST, duplicate: true });
    expect(response.duplicateAnswers).toMatchObject({ identical: false, acknowledgements: 2 });
    expect(response.payload).toEqual(Uint8Array.of(1));
  });

  it('one answer only', async () => {
    const { client, peer } = scene((message) => {
      if (peer.received.length === 1) peer.send(answerTo(message));
    });
    const { duplicateAnswers } = await client.request({ ...POST, duplicate: true });
    expect(duplicateAnswers).toEqual({ identical: false, acknowledgements: 1, responses: 0 });
  });

  it('a request that was processed twice, with separate responses', async () => {
    const { client, peer } = scene((message) => {
      if (message.code !== '0.02') return;
      peer.send({ type: 'ACK', code: '0.00', messageId: message.messageId });
      peer.send({ code: '2.04', messageId: 100 + peer.received.length, token: message.token });
    });
    const { duplicateAnswers } = await client.request({ ...POST, duplicate: true });
    expect(duplicateAnswers).toEqual({ identical: false, acknowledgements: 2, responses: 2 });
  });

  it('answers are counted without a duplicate, and the hook runs after the datagram', async () => {
    const { client, peer, pair } = scene((message) => peer.send(answerTo(message)));
    let sentBefore = -1;
    const { duplicateAnswers } = await client.request({
      ...POST,
      countAnswers: true,
      onLastSent: () => void (sentBefore = pair.log.length),
    });
    expect(sentBefore).toBe(1);
    expect(duplicateAnswers).toEqual({ identical: false, acknowledgements: 1, responses: 0 });
  });
});

it('any datagrams of a peer: the answer that comes after them, or an error of ours', async () => {
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(fc.boolean(), fc.nat(3), fc.nat(255), fc.boolean(), fc.uint8Array({ maxLength: 40 })),
        { maxLength: 8 },
      ),
      async (datagrams) => {
        const { client, peer } = scene((message) => {
          if (message.code !== '0.02') return;
          for (const [wellFormed, type, code, ownId, rest] of datagrams) {
            const id = ownId ? message.messageId : 7;
            peer.send(
              wellFormed ? Uint8Array.of(0x40 | (type << 4), code, id >> 8, id & 255, ...rest) : rest,
            );
          }
          peer.send(answerTo(message, { payload: bytesOf('the answer') }));
        });
        const request = client.request({ ...POST, maxPayload: 2000 }, AbortSignal.timeout(5000));
        const outcome = await request.then(
          ({ code }) => code,
          (error: unknown) => {
            if (!(error instanceof CoapError)) throw error;
            return error.code;
          },
        );
        outcomes.add(outcome);
        expect(outcome).not.toBe('coap-timeout');
      },
    ),
    { numRuns: 300 },
  );
  expect([...outcomes]).toEqual(expect.arrayContaining(['2.04', 'coap-malformed', 'coap-reset']));
});

it('traces every datagram, with what was wrong with it', async () => {
  const trace: string[] = [];
  const { client, peer } = scene(
    (message) => {
      peer.send(Uint8Array.of(1, 2, 3));
      peer.send(answerTo(message));
    },
    { ...CALM, trace: (direction, bytes, line) => trace.push(`${direction} ${bytes.length} ${line}`) },
  );
  await client.request({ ...POST, duplicate: true });
  expect(trace[0]).toMatch(/^out 10 CON 0\.02 POST id \d+ token [0-9A-F]{8} \/x, 0 bytes$/);
  expect(trace[1]).toMatch(/^out 10 .* \(duplicate\)$/);
  expect(trace[2]).toMatch(/^in 3 malformed: header: .*expected at least 4 bytes; got 3 bytes$/);
  expect(trace[3]).toMatch(/^in 8 ACK 2\.04 id \d+ token [0-9A-F]{8}, 0 bytes$/);
});
