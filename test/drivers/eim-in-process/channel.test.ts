import { describe, expect, test } from 'vitest';
import { createInProcessChannel } from '../../../drivers/eim-in-process/index.js';
import { Sgp33Error } from '../../../src/protocol/errors.js';

const MESSAGE = Uint8Array.of(0xbf, 0x4f, 0x00);

describe('ESipa in the process', () => {
  test('carries the bytes there and back, and is empty where there is no answer', async () => {
    const seen: string[] = [];
    const channel = createInProcessChannel(async (message) => {
      seen.push(Buffer.from(message).toString('hex'));
      return message[0] === 0xbf ? Uint8Array.of(1, 2) : undefined;
    });
    expect(await channel.exchange({ device: 'a', message: MESSAGE })).toMatchObject({
      data: Uint8Array.of(1, 2),
      facts: {},
      findings: [],
    });
    // The body wins over the message.
    const { data, fault } = await channel.exchange({ device: 'a', message: MESSAGE, body: Uint8Array.of(0) });
    expect([data.length, fault]).toEqual([0, undefined]);
    expect(seen).toEqual(['bf4f00', '00']);
  });

  test('each device has one connection, until another one is wanted', async () => {
    const connections: object[] = [];
    const channel = createInProcessChannel(async (_message, connection) => {
      connections.push(connection);
      return undefined;
    });
    const say = (device: string, fresh = false) => channel.exchange({ device, message: MESSAGE, fresh });
    await say('a');
    await say('b');
    await say('a');
    await say('a', true);
    await say('a');
    await channel.close('a');
    await say('a');
    const [first, other, again, fresh, still, closed] = connections;
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(fresh).not.toBe(first);
    expect(still).toBe(fresh);
    expect(closed).not.toBe(fresh);
  });

  test('what is no ESipa message is refused without an answer; a fault of the eIM is one', async () => {
    const failing = (code: string) =>
      createInProcessChannel(() => Promise.reject(new Sgp33Error(code, 'no'))).exchange({
        device: 'a',
        message: MESSAGE,
      });
    const refused = await failing('esipa-malformed');
    expect(refused.data).toHaveLength(0);
    expect(refused.events).toMatchObject([{ kind: 'note', text: 'refused: no' }]);
    await expect(failing('eim-store')).rejects.toMatchObject({ code: 'eim-store' });
  });

  test.each([
    ['http', { http: { method: 'GET' } }],
    ['coap', { coap: { code: '0.01' } }],
    ['tls', { tls: { versions: ['TLSv1.1'] } }],
    ['a handshake', { handshakeOnly: true }],
  ])('there is nothing that %s could be said to', async (_what, deviation) => {
    const channel = createInProcessChannel(async () => MESSAGE);
    await expect(channel.exchange({ device: 'a', message: MESSAGE, ...deviation })).rejects.toMatchObject({
      code: 'no-transport',
    });
  });

  test('nothing is said once it is aborted', async () => {
    const channel = createInProcessChannel(async () => MESSAGE);
    await expect(
      channel.exchange({ device: 'a', message: MESSAGE }, AbortSignal.abort()),
    ).rejects.toMatchObject({ code: 'aborted' });
  });
});
