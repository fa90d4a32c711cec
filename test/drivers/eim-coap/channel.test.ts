import { expect, it, describe } from 'vitest';
import type { EsipaRequest } from '../../../drivers/eim-contract.js';
import type { CoapServerRequest } from '../../../src/transport/coap/index.js';
import { pattern } from '../../transport/coap/channels.js';
import { EIM_TLS, derOf, issueServer, PSK, spkiOf } from '../../transport/dtls/support.js';
import { answering, ANSWER, channelTo, dtlsServer, eim, plainServer, REQUEST } from './support.js';
import { CoapServer } from '../../../src/transport/coap/index.js';

const request = (parts: Partial<EsipaRequest> = {}): EsipaRequest => ({
  device: 'one',
  message: REQUEST,
  ...parts,
});

describe('an exchange', () => {
  it('POST with the message; data, facts and events', async () => {
    const requests: CoapServerRequest[] = [];
    const port = await eim(async (one) => {
      requests.push(one);
      return { code: '2.04', contentFormat: 42, payload: ANSWER };
    });
    const lines: string[] = [];
    const channel = channelTo(port, { keyLog: (line) => lines.push(line) });
    const seen = await channel.exchange(request());
    expect(requests).toMatchObject([
      { code: '0.02', path: ['gsma', 'rsp2', 'asn1'], contentFormat: 42, payload: REQUEST },
    ]);
    expect(seen).toMatchObject({ data: ANSWER, findings: [] });
    expect(seen.fault).toBeUndefined();
    expect(seen.facts['coap']).toEqual({
      code: '2.04',
      type: 'ACK',
      contentFormat: '42',
      payloadLength: '6',
      blocks: '1',
      separate: 'false',
      tokenEcho: 'true',
    });
    expect(seen.facts['tls']).toMatchObject({
      version: 'DTLSv1.2',
      cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
      group: 'prime256v1',
      certificate: Buffer.from(derOf(EIM_TLS.certificate!)).toString('hex').toUpperCase(),
      certificateRequested: 'false',
      cookieExchanged: 'true',
      resumed: 'false',
    });
    expect(seen.events.map(({ kind }) => kind)).toEqual(['tls', 'coap-out', 'coap-in']);
    expect(seen.events[1]?.text).toMatch(
      /^CON 0\.02 POST .* \/gsma\/rsp2\/asn1 Content-Format 42, 21 bytes$/,
    );
    expect(seen.events[2]?.bytes?.subarray(-ANSWER.length)).toEqual(ANSWER);
    expect(lines[0]).toMatch(/^CLIENT_RANDOM [0-9a-fA-F]{64} [0-9a-fA-F]{96}$/);
    expect(channel).toMatchObject({ transport: 'coap', binding: 'asn1', url: `coaps://127.0.0.1:${port}` });
  });

  it('each device has a session of its own, which stays until it is closed or a fresh one is asked for', async () => {
    let sessions = 0;
    const port = await dtlsServer((channel) => {
      sessions += 1;
      const mine = Uint8Array.of(sessions);
      new CoapServer(channel, answering(mine));
    });
    const channel = channelTo(port);
    const ask = async (parts: Partial<EsipaRequest>): Promise<number | undefined> =>
      (await channel.exchange(request(parts))).data[0];
    expect(await ask({})).toBe(1);
    expect(await ask({ device: 'two' })).toBe(2);
    expect(await ask({})).toBe(1);
    expect(await ask({ fresh: true })).toBe(3);
    expect(await ask({})).toBe(3);
    await channel.close('one');
    expect(await ask({})).toBe(4);
    expect(await ask({ device: 'two' })).toBe(2);
    await channel.close();
    expect(await ask({ device: 'two' })).toBe(5);
  });

  it('a session that the eIM closed is opened again', async () => {
    const servers: CoapServer[] = [];
    const port = await dtlsServer((channel) => void servers.push(new CoapServer(channel, answering())));
    const channel = channelTo(port);
    await channel.exchange(request());
    await servers[0]?.close();
    // The close may be seen before the next exchange or in it; the one after that is on a new session.
    await channel.exchange(request());
    expect((await channel.exchange(request())).data).toEqual(ANSWER);
    expect(servers).toHaveLength(2);
  });

  it('exchanges of a device do not mix; those of others run beside them', async () => {
    const port = await eim(async ({ payload }) => ({ code: '2.04', payload }));
    const channel = channelTo(port);
    const seen = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((nr) =>
        channel.exchange({ device: `device ${nr % 2}`, body: Uint8Array.of(nr) }),
      ),
    );
    expect(seen.map(({ data }) => data[0])).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { events } of seen) {
      expect(events.filter(({ kind }) => kind !== 'tls').map(({ kind }) => kind)).toEqual([
        'coap-out',
        'coap-in',
      ]);
    }
  });

  it('an error: its code, no data, and its text', async () => {
    const port = await eim(async () => ({ code: '4.04', payload: Buffer.from('no such\u0007thing') }));
    const seen = await channelTo(port).exchange(request());
    expect(seen.data).toHaveLength(0);
    expect(seen.facts['coap']).toMatchObject({ code: '4.04', diagnostic: 'no such?thing' });
    expect(seen.findings).toEqual([]);
  });

  it('what differs from the defaults is a note', async () => {
    const port = await eim(async () => ({ code: '2.01', contentFormat: 50, payload: ANSWER }));
    const { findings, data } = await channelTo(port).exchange(request());
    expect(data).toEqual(ANSWER);
    expect(findings).toEqual([
      {
        severity: 'note',
        code: 'coap-code',
        path: 'coap.code',
        expected: '2.04 or 2.05',
        actual: '2.01',
      },
      {
        severity: 'note',
        code: 'coap-content-format',
        path: 'coap.contentFormat',
        expected: '42',
        actual: '50',
      },
    ]);
  });

  it('large bodies in blocks both ways', async () => {
    const port = await eim(async ({ payload }) => ({ code: '2.04', contentFormat: 42, payload }));
    const seen = await channelTo(port).exchange(request({ message: undefined!, body: pattern(5000) }));
    expect(Buffer.from(seen.data).equals(pattern(5000))).toBe(true);
    expect(seen.facts['coap']).toMatchObject({
      blocks: '5',
      block1: { blocks: '5', size: '1024', codes: ['2.31', '2.31', '2.31', '2.31'] },
      block2: { size: '1024', size2: '5000' },
    });
  });

  it('a separate response', async () => {
    const slow = (): Promise<{ code: string }> =>
      new Promise((resolve) => setTimeout(resolve, 40, { code: '2.04' }));
    const port = await eim(slow, { piggybackMs: 5 });
    const { facts } = await channelTo(port).exchange(request());
    expect(facts['coap']).toMatchObject({ code: '2.04', type: 'CON', separate: 'true' });
  });
});

describe('deviations', () => {
  it('method, path, Content-Format and further options', async () => {
    const requests: CoapServerRequest[] = [];
    const port = await eim(async (one) => {
      requests.push(one);
      return { code: '4.05' };
    });
    const channel = channelTo(port, { path: ['own'], contentFormat: null });
    await channel.exchange(request());
    await channel.exchange(request({ coap: { code: '0.01', path: '/a/b', contentFormat: 50 } }));
    expect(requests).toMatchObject([
      { code: '0.02', path: ['own'], contentFormat: undefined },
      { code: '0.01', path: ['a', 'b'], contentFormat: 50 },
    ]);
    const refused = await channel.exchange(request({ coap: { options: [{ number: 65001, value: 'AB' }] } }));
    expect(refused.facts['coap']).toMatchObject({ code: '4.02' });
    await expect(
      channel.exchange(request({ coap: { options: [{ number: 65001, value: 'XY' }] } })),
    ).rejects.toMatchObject({ code: 'coap-option-value' });
    await expect(channel.exchange(request({ coap: { code: '9.99' } }))).rejects.toMatchObject({
      code: 'coap-unencodable',
    });
  });

  it('blocks out of order: 4.08', async () => {
    const port = await eim();
    const body = pattern(200);
    const { facts } = await channelTo(port).exchange({
      device: 'one',
      body,
      coap: { blockSize: 64, blocksOutOfOrder: true },
    });
    expect(facts['coap']).toMatchObject({ code: '4.08', block1: { blocks: '1', size: '64', codes: [] } });
  });

  it('a duplicate is processed once and answered twice', async () => {
    let times = 0;
    const port = await eim(async () => ({ code: '2.04', payload: Uint8Array.of((times += 1)) }));
    const { facts, data } = await channelTo(port).exchange(request({ coap: { duplicate: true } }));
    expect(facts['coap']).toMatchObject({
      duplicate: { acknowledgements: '2', responses: '0', identical: 'true' },
    });
    expect(data).toEqual(Uint8Array.of(1));
    expect(times).toBe(1);
  });

  it('a replayed record is answered once', async () => {
    let times = 0;
    const port = await eim(async () => ({ code: '2.04', payload: Uint8Array.of((times += 1)) }));
    const channel = channelTo(port, { ackTimeoutMs: 200 });
    const { facts } = await channel.exchange(request({ coap: { replayRecord: true } }));
    expect(facts['coap']).toMatchObject({ code: '2.04', duplicate: { acknowledgements: '1' } });
    expect(times).toBe(1);
    const plain = channelTo(await plainServer((one) => void new CoapServer(one, answering())), {
      plain: true,
    });
    await expect(plain.exchange(request({ coap: { replayRecord: true } }))).rejects.toMatchObject({
      code: 'no-dtls-record',
    });
  });

  it('plain CoAP to the port of DTLS: no answer', async () => {
    const port = await eim();
    const seen = await channelTo(port, { deadlineMs: 300 }).exchange(request({ coap: { plain: true } }));
    expect(seen.fault).toMatchObject({ kind: 'timeout', path: 'coap' });
    expect(seen.facts).toEqual({});
    expect((await channelTo(port).exchange(request())).data).toEqual(ANSWER);
  });
});

describe('sessions', () => {
  it('without DTLS', async () => {
    const port = await plainServer((channel) => void new CoapServer(channel, answering()));
    const seen = await channelTo(port, { plain: true }).exchange(request());
    expect(seen).toMatchObject({ data: ANSWER, facts: { coap: { code: '2.04' } } });
    expect(seen.facts['tls']).toBeUndefined();
  });

  it('with a pre-shared key', async () => {
    const port = await eim(answering(), {}, { credentials: { psk: PSK } });
    const seen = await channelTo(port, { psk: PSK, trust: {} }).exchange(request());
    expect(seen.data).toEqual(ANSWER);
    expect(seen.facts['tls']).toMatchObject({ cipher: 'PSK-AES128-CCM8', chain: [] });
  });

  it('with a certificate on brainpoolP256r1', async () => {
    const credentials = issueServer('brainpoolP256r1');
    const port = await eim(answering(), {}, { credentials });
    const trust = { pinnedSpki: spkiOf(credentials.certificate) };
    const seen = await channelTo(port, { trust }).exchange(request());
    expect(seen.data).toEqual(ANSWER);
  });

  it('a handshake alone; an offer has a session of its own', async () => {
    let sessions = 0;
    const port = await dtlsServer((channel) => {
      sessions += 1;
      new CoapServer(channel, answering());
    });
    const channel = channelTo(port);
    await channel.exchange(request());
    const ciphers = ['TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8'];
    const seen = await channel.exchange({ device: 'one', handshakeOnly: true, tls: { ciphers } });
    expect(seen.facts['tls']).toMatchObject({ cipher: 'ECDHE-ECDSA-AES128-CCM8' });
    expect(seen.events.map(({ kind }) => kind)).toEqual(['tls']);
    expect(seen.data).toHaveLength(0);
    await channel.exchange(request());
    expect(sessions).toBe(2);
  });

  it.each([
    ['DTLS 1.0 only', { versions: ['DTLSv1'] }, 'protocol_version'],
    ['its name in TLS', { versions: ['TLSv1.1'] }, 'protocol_version'],
    ['suites that the eIM has not', { ciphers: ['ECDHE-ECDSA-AES256-GCM-SHA384'] }, 'handshake_failure'],
  ])('%s: fault handshake with the alert', async (_, tls, alert) => {
    const channel = channelTo(await eim());
    const seen = await channel.exchange({ device: 'one', handshakeOnly: true, tls });
    expect(seen.fault).toMatchObject({ kind: 'handshake', path: 'tls.handshake', actual: `alert ${alert}` });
    expect(seen.facts['tls']).toMatchObject({ alert });
  });

  it('a wrong cookie: what each hello was answered with, and no session', async () => {
    let sessions = 0;
    const port = await dtlsServer(() => (sessions += 1));
    const offer = { device: 'one', handshakeOnly: true, tls: { wrongCookie: true } };
    const seen = await channelTo(port).exchange(offer);
    expect(seen.facts['tls']).toEqual({ hello: 'HelloVerifyRequest', wrongCookie: 'HelloVerifyRequest' });
    expect(seen.fault).toBeUndefined();
    expect(seen.events.map(({ kind }) => kind)).toEqual(['note', 'note', 'note', 'note', 'tls']);
    expect(seen.events[0]?.bytes?.[0]).toBe(22);
    expect(sessions).toBe(0);
    const without = await dtlsServer(() => undefined, { cookies: false });
    expect((await channelTo(without).exchange(offer)).facts['tls']).toEqual({ hello: 'ServerHello' });
  });

  it('a wrong cookie for an eIM that says nothing: fault timeout', async () => {
    const port = await plainServer(() => undefined);
    const offer = { device: 'one', handshakeOnly: true, tls: { wrongCookie: true } };
    const seen = await channelTo(port, { deadlineMs: 300 }).exchange(offer);
    expect(seen.fault).toMatchObject({ kind: 'timeout', path: 'tls.handshake', actual: 'nothing' });
    expect(seen.facts['tls']).toEqual({ hello: 'nothing' });
    const stop = new AbortController();
    const exchange = channelTo(port).exchange(offer, stop.signal);
    stop.abort();
    await expect(exchange).rejects.toMatchObject({ code: 'aborted' });
  });

  it('a version that does not exist: dtls-offer', async () => {
    const offer = { device: 'one', handshakeOnly: true, tls: { versions: ['TLSv1.3'] } };
    await expect(channelTo(await eim()).exchange(offer)).rejects.toMatchObject({ code: 'dtls-offer' });
  });
});
