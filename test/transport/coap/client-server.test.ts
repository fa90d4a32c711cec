import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CoapClient, CoapServer } from '../../../src/transport/coap/index.js';
import { bytesOf, channelPair, pattern, text } from './channels.js';
import { FAST, scene } from './server-scene.js';

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
    onTestFinished(() => victim.close());
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
