/** ESipa over CoAP and DTLS: what arrives, and how it is answered. */
import { describe, expect, it } from 'vitest';
import { option } from '../../../src/transport/coap/options.js';
import { pattern } from '../../transport/coap/channels.js';
import { ask, coapClient, dtls, sharedListener } from './coap-support.js';
import { arrival, GET_EIM_PACKAGE, hex, message, NO_PACKAGE } from './support.js';

const shared = sharedListener({ limits: { bodyBytes: 5000 } });
const PACKAGE = pattern(3000);

describe('a request', () => {
  it('is handed on with its facts, and gets the answer that is given', async () => {
    const listener = await shared();
    const client = await coapClient(listener);
    const opened = await arrival(listener, 'session');
    expect(opened.facts).toMatchObject({
      tls: {
        version: 'DTLSv1.2',
        cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
        group: 'prime256v1',
        servername: 'eim.example.com',
        versionsOffered: ['DTLSv1.2'],
        groupsOffered: ['prime256v1', 'brainpoolP256r1'],
        clientCertificate: 'false',
        cookieExchanged: 'true',
        resumed: 'false',
        resumptionOffered: 'false',
      },
    });
    expect(opened.facts['tls']).toMatchObject({
      ciphersOffered: expect.arrayContaining(['TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8']) as string[],
    });
    const answer = ask(client);
    const arrived = await message(listener);
    expect(arrived).toMatchObject({ binding: 'asn1', connection: opened.connection, findings: [] });
    expect(hex(arrived.data)).toBe(hex(GET_EIM_PACKAGE));
    expect(arrived.facts['coap']).toEqual({
      code: '0.02',
      path: '/gsma/rsp2/asn1',
      type: 'CON',
      contentFormat: '42',
      payloadLength: '21',
      blocks: '1',
      retransmissions: '0',
    });
    expect(arrived.events.map(({ kind }) => kind)).toEqual(['coap-in']);
    const { events, facts } = await arrived.reply({ message: NO_PACKAGE });
    expect(await answer).toMatchObject({ code: '2.04', type: 'ACK', contentFormat: 42, blocks: 1 });
    expect(hex((await answer).payload)).toBe(hex(NO_PACKAGE));
    expect(events.map(({ kind }) => kind)).toEqual(['coap-out']);
    expect(events[0]!.text).toMatch(/^ACK 2\.04 id \d+ token .* Content-Format 42, 6 bytes$/);
    expect(facts).toEqual({ coap: { retransmissions: '0', blocks: '1', complete: 'true' } });
    await client.close();
    const over = await arrival(listener, 'closed');
    expect(over.facts['connection']).toEqual({ requests: '1', end: 'closed' });
  });

  it('in blocks, and what is not as by default', async () => {
    const listener = await shared();
    const client = await coapClient(listener);
    const answer = ask(client, {
      code: '0.03',
      path: 'x/y',
      contentFormat: 60,
      payload: pattern(200),
      blockSize: 64,
      confirmable: false,
    });
    const arrived = await message(listener);
    expect(hex(arrived.data)).toBe(hex(pattern(200)));
    expect(arrived.facts['coap']).toMatchObject({ code: '0.03', path: '/x/y', type: 'NON', blocks: '4' });
    expect(arrived.findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'note coap-method',
      'note coap-path',
      'note coap-content-format',
    ]);
    // Every block, and what it was answered with.
    expect(arrived.events.map(({ kind }) => kind)).toEqual([
      ...['coap-in', 'coap-out', 'coap-in', 'coap-out', 'coap-in', 'coap-out'],
      'coap-in',
    ]);
    await arrived.reply({});
    expect(await answer).toMatchObject({ code: '2.04', type: 'NON' });
    expect((await answer).payload).toHaveLength(0);
  });

  it('without a payload is one without a message', async () => {
    const listener = await shared();
    const answer = ask(await coapClient(listener), { payload: new Uint8Array(0) });
    const arrived = await message(listener);
    expect(arrived.findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'violation coap-payload',
    ]);
    expect(arrived.data).toHaveLength(0);
    await arrived.reply({ coap: { code: '4.00' } });
    expect((await answer).code).toBe('4.00');
  });
});

describe('what is not as it should be, in an answer', () => {
  it('codes and options', async () => {
    const listener = await shared();
    const answer = ask(await coapClient(listener));
    await (await message(listener)).reply({ coap: { code: '5.03', options: [{ number: 14, value: '1E' }] } });
    const { code, options } = await answer;
    expect(code).toBe('5.03');
    expect(options).toEqual([option('Max-Age', 30)]);
  });

  it('Content-Format', async () => {
    const listener = await shared();
    const client = await coapClient(listener);
    for (const contentFormat of [50, null]) {
      const answer = ask(client);
      await (await message(listener)).reply({ message: NO_PACKAGE, coap: { contentFormat } });
      expect((await answer).contentFormat).toBe(contentFormat ?? undefined);
    }
  });

  it('a block size, and how many of them were fetched', async () => {
    const listener = await shared();
    const answer = ask(await coapClient(listener));
    const outcome = await (await message(listener)).reply({ body: PACKAGE, coap: { blockSize: 256 } });
    expect(await answer).toMatchObject({ blocks: 12, block2Size: 256 });
    expect(hex((await answer).payload)).toBe(hex(PACKAGE));
    expect(outcome.facts).toEqual({ coap: { retransmissions: '0', blocks: '12', complete: 'true' } });
    expect(outcome.events.filter(({ kind }) => kind === 'coap-out')).toHaveLength(12);
    expect(outcome.events.filter(({ kind }) => kind === 'coap-in')).toHaveLength(11);
  });

  it('a block that is missing', async () => {
    const listener = await shared();
    const client = await coapClient(listener);
    const answer = ask(client);
    const reply = { body: PACKAGE, coap: { missingBlock: 2 } };
    const outcome = await (await message(listener)).reply(reply);
    await expect(answer).rejects.toMatchObject({ code: 'coap-block' });
    expect(outcome.facts).toEqual({ coap: { retransmissions: '0', blocks: '2', complete: 'false' } });
    expect(outcome.events.at(-1)!.text).toContain('ACK 4.08');
  });

  it('a separate response', async () => {
    const listener = await shared();
    const answer = ask(await coapClient(listener));
    const outcome = await (await message(listener)).reply({ message: NO_PACKAGE, coap: { separate: true } });
    expect(await answer).toMatchObject({ code: '2.04', type: 'CON', separate: true });
    expect(outcome.facts).toEqual({
      coap: { retransmissions: '0', blocks: '1', complete: 'true', acknowledged: 'true' },
    });
    expect(
      outcome.events.map(({ kind, text }) => `${kind} ${text!.split(' ').slice(0, 2).join(' ')}`),
    ).toEqual(['coap-out ACK 0.00', 'coap-out CON 2.04', 'coap-in ACK 0.00']);
  });

  it('the first datagram is lost: the same message comes again, and is handed on once', async () => {
    const listener = await shared();
    const client = await coapClient(listener);
    const answer = ask(client);
    const outcome = await (await message(listener)).reply({ message: NO_PACKAGE, coap: { loseFirst: true } });
    expect(hex((await answer).payload)).toBe(hex(NO_PACKAGE));
    expect(outcome.facts).toEqual({ coap: { retransmissions: '1', blocks: '1', complete: 'true' } });
    expect(outcome.events[0]!.text).toContain('(lost on purpose)');
    expect(outcome.events.map(({ kind }) => kind)).toEqual(['coap-out', 'coap-in', 'coap-out']);
    const again = ask(client);
    // The next arrival is another request.
    const next = await message(listener);
    expect(next.facts['coap']).toMatchObject({ retransmissions: '1' });
    await next.reply({});
    expect((await again).code).toBe('2.04');
  });

  it('the outcome waits no longer than until the next request', async () => {
    const listener = await shared();
    const client = await coapClient(listener);
    const first = ask(client, { confirmable: false });
    // A NON is not sent again: its answer stays lost.
    const outcome = (await message(listener)).reply({ message: NO_PACKAGE, coap: { loseFirst: true } });
    const second = ask(await coapClient(listener));
    const other = await message(listener);
    await other.reply({});
    await second;
    await client.close();
    await expect(first).rejects.toMatchObject({ code: 'coap-closed' });
    expect((await outcome).facts).toEqual({ coap: { retransmissions: '0', blocks: '1', complete: 'true' } });
  });

  it('RST, silence, and the end of the session', async () => {
    const listener = await shared();
    const client = await coapClient(listener);
    const refused = expect(ask(client)).rejects.toMatchObject({ code: 'coap-reset' });
    const { events } = await (await message(listener)).reply({ coap: { reset: true } });
    await refused;
    expect(events.map(({ text }) => text!.slice(0, 8))).toEqual(['RST 0.00']);
    const unheard = expect(ask(client)).rejects.toMatchObject({
      code: 'coap-timeout',
      actual: 'nothing',
    });
    await (await message(listener)).reply({ silence: true });
    await unheard;
    const ended = expect(ask(client)).rejects.toMatchObject({ code: 'coap-closed' });
    await (await message(listener)).reply({ close: true });
    await ended;
  });

  it('what no CoAP can carry is refused before anything is said', async () => {
    const listener = await shared();
    const answer = ask(await coapClient(listener));
    const arrived = await message(listener);
    for (const coap of [
      { code: '0.02' },
      { code: '2' },
      { contentFormat: 70_000 },
      { blockSize: 8 },
      { missingBlock: -1 },
      { options: [{ number: 70_000, value: '' }] },
      { options: [{ number: 1, value: 'ABC' }] },
      { options: [{ number: 1, value: '00'.repeat(9000) }] },
    ])
      await expect(arrived.reply({ coap })).rejects.toMatchObject({ code: 'listener-reply' });
    await arrived.reply({ message: NO_PACKAGE });
    expect((await answer).code).toBe('2.04');
  });
});

describe('what is refused by itself', () => {
  it('a body that is too large', async () => {
    const listener = await shared();
    const client = await coapClient(listener);
    expect(await ask(client, { payload: pattern(5001) })).toMatchObject({ code: '4.13' });
    const garbage = await arrival(listener, 'garbage');
    expect(garbage.reason).toContain('4.13');
    expect(garbage.events.at(-1)!.text).toContain('4.13');
  });

  it('bytes that are no CoAP, and no DTLS', async () => {
    const listener = await shared();
    const connection = await dtls(listener);
    await connection.send(Buffer.from('GET / HTTP/1.1'));
    const garbage = await arrival(listener, 'garbage');
    expect(Buffer.from(garbage.data).toString()).toBe('GET / HTTP/1.1');
    await connection.send(Uint8Array.of(0x40));
    expect(hex((await arrival(listener, 'garbage')).data)).toBe('40');
  });

  it('an unknown critical option', async () => {
    const listener = await shared();
    const client = await coapClient(listener);
    const options = [{ number: 65_001, value: Uint8Array.of(1) }];
    expect(await ask(client, { options })).toMatchObject({ code: '4.02' });
    expect((await arrival(listener, 'garbage')).reason).toContain('65001');
  });
});

it('what nobody answers is refused', async () => {
  const listener = await shared();
  const client = await coapClient(listener);
  const answer = ask(client);
  const arrived = await message(listener);
  await listener.clear();
  expect(await answer).toMatchObject({ code: '5.03' });
  const late = await arrived.reply({ message: NO_PACKAGE });
  expect(late.events[0]!.text).toContain('nothing was answered');
  await expect(ask(client)).rejects.toMatchObject({ code: 'coap-closed' });
});
