/** ESipa over CoAP, over DTLS and (to see the seeded defects without a handshake) over plain UDP. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { describeWith, run } from '../../../support/tools.js';
import { coapService } from '../../../../src/simulators/eim/serve/coap/service.js';
import { flawedChannel } from '../../../../src/simulators/eim/serve/coap/flawed-channel.js';
import {
  listenCoaps,
  type CoapsListenerOptions,
} from '../../../../src/simulators/eim/serve/coap/listener.js';
import { SERVE_DEFECTS } from '../../../../src/simulators/eim/serve/defect-list.js';
import { splitDefects } from '../../../../src/simulators/eim/serve/defects.js';
import { serverIdentity } from '../../../../src/simulators/eim/serve/tls-settings.js';
import { hex, unhex } from '../../../../src/simulators/tlv/writer.js';
import {
  CoapClient,
  CoapServer,
  connectUdp,
  serveUdp,
  type CoapRequest,
  type CoapResponse,
} from '../../../../src/transport/coap/index.js';
import { connectDtls, probeCookie, type DtlsClientOptions } from '../../../../src/transport/dtls/index.js';
import { atEnd, CA, FakeEim, NO_PACKAGE, pki, POLL } from './support.js';

const QUICK = { ackTimeoutMs: 100, maxRetransmit: 1 };
const REQUEST: CoapRequest = { code: '0.02', path: 'gsma/rsp2/asn1', contentFormat: 42, payload: POLL };
const NOTIFICATION = unhex('BF3D02A000');

interface Opened {
  readonly eim: FakeEim;
  readonly port: number;
  readonly ask: (request?: Partial<CoapRequest>) => Promise<CoapResponse>;
}

/** The service over plain UDP, as the listener puts it over DTLS. */
async function open(...names: readonly string[]): Promise<Opened> {
  const eim = new FakeEim();
  const { serve: defects } = splitDefects(names);
  const server = await serveUdp('127.0.0.1', 0, (channel) => {
    const service = coapService({ eim: () => eim, defects, log: () => undefined }, channel);
    new CoapServer(flawedChannel(channel, defects), service);
  });
  atEnd(() => server.close());
  const client = new CoapClient(await connectUdp('127.0.0.1', server.port), QUICK);
  atEnd(() => client.close());
  return { eim, port: server.port, ask: (request = {}) => client.request({ ...REQUEST, ...request }) };
}

const codeOf = async (request: Partial<CoapRequest>, ...names: readonly string[]): Promise<string> =>
  (await (await open(...names)).ask(request)).code;

/** A package of 3000 bytes, no two blocks alike. */
const LARGE = hex(
  new Uint8Array([
    ...unhex('BF4F820BBC'),
    ...unhex('BF51820BB7'),
    ...Array.from({ length: 2999 }, (_, i) => (i >> 5) & 0xff),
  ]),
);

describe('the resource', () => {
  it('answers 2.04 with the same DER as over HTTPS', async () => {
    const { ask, eim } = await open();
    const { code, contentFormat, payload } = await ask();
    expect([code, contentFormat, hex(payload)]).toEqual(['2.04', 42, hex(NO_PACKAGE)]);
    expect(eim.asked).toEqual([hex(POLL)]);
  });

  it('answers HandleNotification with an empty 2.04', async () => {
    const { ask } = await open();
    const { code, payload, contentFormat } = await ask({ payload: NOTIFICATION });
    expect([code, payload.length, contentFormat]).toEqual(['2.04', 0, undefined]);
  });

  it.each<[string, Partial<CoapRequest>, string]>([
    ['another path', { path: 'gsma/rsp2/asn2' }, '4.04'],
    ['GET', { code: '0.01' }, '4.05'],
    ['another Content-Format', { contentFormat: 50 }, '4.15'],
    ['no Content-Format', { contentFormat: undefined }, '2.04'],
    ['an unknown critical option', { options: [{ number: 9001, value: unhex('01') }] }, '4.02'],
    ['an unknown elective option', { options: [{ number: 9000, value: unhex('01') }] }, '2.04'],
    ['no message', { payload: unhex('FF') }, '4.00'],
    ['nothing', { payload: new Uint8Array(0) }, '4.00'],
  ])('answers %s', async (_, request, code) => {
    expect(await codeOf(request)).toBe(code);
  });

  it('carries large packages and large results in blocks', async () => {
    const { ask, eim } = await open();
    eim.answer = LARGE;
    const answer = await ask({ blockSize: 256 });
    expect([hex(answer.payload), answer.blocks]).toEqual([LARGE, 12]);
    eim.answer = 'BF50023000';
    const result = new Uint8Array([...unhex('BF50820BBC'), ...new Uint8Array(0xbbc)]);
    const sent = await ask({ payload: result });
    expect([hex(sent.payload), sent.block1Blocks]).toEqual(['BF50023000', 3]);
    expect(eim.asked.at(-1)).toBe(hex(result));
  });
});

describe('seeded defects', () => {
  it.each<[string, Partial<CoapRequest>, string, string]>([
    ['coap-critical-option-ignored', { options: [{ number: 9001, value: unhex('01') }] }, '4.02', '2.04'],
    ['coap-content-format-ignored', { contentFormat: 50 }, '4.15', '2.04'],
    ['coap-any-resource', { path: 'x' }, '4.04', '2.04'],
    ['coap-not-found-as-bad-request', { path: 'x' }, '4.04', '4.00'],
    ['coap-get-accepted', { code: '0.01' }, '4.05', '2.04'],
    ['coap-undecodable-as-server-error', { payload: unhex('FF') }, '4.00', '5.00'],
  ])('%s', async (name, request, good, bad) => {
    expect(await codeOf(request)).toBe(good);
    expect(await codeOf(request, name)).toBe(bad);
    expect(await codeOf({}, name)).toBe('2.04');
  });

  it.each<[string, Partial<CoapRequest>, string, string]>([
    ['coap-payload-missing', {}, hex(NO_PACKAGE), ''],
    ['coap-notification-with-payload', { payload: NOTIFICATION }, '', 'BF50023000'],
  ])('%s', async (name, request, good, bad) => {
    expect(hex((await (await open()).ask(request)).payload)).toBe(good);
    expect(hex((await (await open(name)).ask(request)).payload)).toBe(bad);
  });

  it('coap-token-not-echoed: a client finds no answer to its request', async () => {
    const { ask } = await open('coap-token-not-echoed');
    const answer = await ask().then(
      ({ tokenEcho }) => tokenEcho,
      () => false,
    );
    expect(answer).toBe(false);
  });

  it('coap-block2-inconsistent: what is put together is another package', async () => {
    const { ask, eim } = await open('coap-block2-inconsistent');
    eim.answer = LARGE;
    const payload = await ask().then(
      (answer) => hex(answer.payload),
      () => 'refused',
    );
    expect(payload).not.toBe(LARGE);
  });

  it('coap-block2-not-ended: the last block promises another', async () => {
    const { ask, eim } = await open('coap-block2-not-ended');
    eim.answer = LARGE;
    const code = await ask().then(
      (answer) => answer.code,
      () => 'refused',
    );
    expect(code).not.toBe('2.04');
  });

  it('coap-block1-order-ignored: a transfer that lacks its first block is taken', async () => {
    const request = {
      payload: new Uint8Array([...unhex('BF50820BBC'), ...new Uint8Array(0xbbc)]),
      blocksOutOfOrder: true,
    };
    expect((await (await open()).ask(request)).code).toBe('4.08');
    expect((await (await open('coap-block1-order-ignored')).ask(request)).code).not.toBe('4.08');
  });

  it('coap-block1-not-assembled: the first block is taken for the whole', async () => {
    const request = { payload: new Uint8Array([...unhex('BF50820BBC'), ...new Uint8Array(0xbbc)]) };
    expect(await (await open()).ask(request)).toMatchObject({ code: '2.04', block1Codes: ['2.31', '2.31'] });
    const flawed = await open('coap-block1-not-assembled');
    expect(await flawed.ask(request)).toMatchObject({ code: '4.00', block1Blocks: 1 });
    expect((await flawed.ask()).code).toBe('2.04');
  });

  it.each([
    [[], { identical: true }],
    [['coap-retransmission-ignored'], { identical: false, acknowledgements: 1 }],
    [['coap-retransmission-rejected'], { identical: false }],
  ])('retransmission with %j', async (names, expected) => {
    const { ask, eim } = await open(...names);
    const answer = await ask({ duplicate: true });
    expect(eim.asked).toHaveLength(1);
    expect(answer.duplicateAnswers).toMatchObject(expected);
  });

  it('none is without its test', () => {
    const tested = [
      ...['coap-critical-option-ignored', 'coap-content-format-ignored', 'coap-any-resource'],
      ...['coap-not-found-as-bad-request', 'coap-get-accepted', 'coap-undecodable-as-server-error'],
      ...['coap-payload-missing', 'coap-notification-with-payload', 'coap-token-not-echoed'],
      ...['coap-block2-inconsistent', 'coap-block2-not-ended', 'coap-block1-order-ignored'],
      ...['coap-retransmission-ignored', 'coap-retransmission-rejected'],
      ...['coap-no-cookie', 'coap-plain-answered', 'coap-block1-not-assembled', 'coap-separate-as-ack'],
      ...['coap-cookie-unchecked', 'coap-dtls-1-0-accepted', 'coap-null-suite-accepted'],
      'coap-replay-ends-session',
    ];
    const all = SERVE_DEFECTS.map(({ name }) => name).filter((name) => name.startsWith('coap-'));
    expect(all.filter((name) => !tested.includes(name))).toEqual([]);
  });
});

describe('over DTLS', () => {
  const CONNECT = { host: '127.0.0.1', servername: 'eim.example.com', trust: { ca: CA.toString() } };
  const clients: CoapClient[] = [];

  // Before the servers, which wait for their sessions.
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

  async function serve(names: readonly string[], more: Partial<CoapsListenerOptions> = {}): Promise<number> {
    const eim = new FakeEim();
    const listener = await listenCoaps({
      at: { port: 0 },
      identity: serverIdentity({}, pki),
      pki,
      defects: splitDefects(names).serve,
      eim: () => eim,
      log: () => undefined,
      ...more,
    });
    atEnd(() => listener.close());
    return listener.port;
  }

  it('answers with a certificate, after a cookie, in a suite of SGP.32', async () => {
    const connection = await connectDtls({ ...CONNECT, port: await serve([]) });
    const client = new CoapClient(connection);
    clients.push(client);
    expect(hex((await client.request(REQUEST)).payload)).toBe(hex(NO_PACKAGE));
    expect(connection.facts).toMatchObject({
      version: 'DTLSv1.2',
      cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
      cookieExchanged: true,
      certificateRequested: false,
      resumed: false,
    });
  });

  it('answers with a pre-shared key', async () => {
    const psk = { identity: 'device-1', key: unhex('000102030405060708090A0B0C0D0E0F') };
    const port = await serve([], { psk });
    const ciphers = ['PSK-AES128-CCM8'];
    const connection = await connectDtls({
      ...CONNECT,
      port,
      credentials: { psk },
      trust: { none: true },
      ciphers,
    });
    const client = new CoapClient(connection);
    clients.push(client);
    expect((await client.request(REQUEST)).code).toBe('2.04');
    expect(connection.facts.cipher).toBe('PSK-AES128-CCM8');
  });

  it('answers separately when told to', async () => {
    const connection = await connectDtls({ ...CONNECT, port: await serve([], { separate: true }) });
    const client = new CoapClient(connection);
    clients.push(client);
    expect(await client.request(REQUEST)).toMatchObject({ code: '2.04', separate: true });
  });

  it('coap-separate-as-ack: the answer is an acknowledgement that nobody waits for', async () => {
    const port = await serve(['coap-separate-as-ack'], { separate: true });
    const client = new CoapClient(await connectDtls({ ...CONNECT, port }), QUICK);
    clients.push(client);
    await expect(client.request(REQUEST)).rejects.toMatchObject({ code: 'coap-timeout' });
  });

  it.each<[string, Partial<DtlsClientOptions>, string]>([
    ['coap-dtls-1-0-accepted', { versions: ['DTLSv1'] }, 'ECDHE-ECDSA-AES128-SHA'],
    ['coap-null-suite-accepted', { ciphers: ['ECDHE-ECDSA-NULL-SHA'] }, 'ECDHE-ECDSA-NULL-SHA'],
  ])('%s', async (name, offer, cipher) => {
    await expect(connectDtls({ ...CONNECT, ...offer, port: await serve([]) })).rejects.toMatchObject({
      code: 'dtls-handshake',
    });
    const port = await serve([name]);
    const connection = await connectDtls({ ...CONNECT, ...offer, port });
    clients.push(new CoapClient(connection));
    expect(connection.facts.cipher).toBe(cipher);
    const good = await connectDtls({ ...CONNECT, port });
    clients.push(new CoapClient(good));
    expect(good.facts.cipher).toBe('ECDHE-ECDSA-AES128-GCM-SHA256');
  });

  it('coap-cookie-unchecked', async () => {
    const probe = { host: '127.0.0.1', servername: null, deadlineMs: 10_000 };
    expect(await probeCookie({ ...probe, port: await serve([]) })).toMatchObject({
      wrongCookie: 'HelloVerifyRequest',
    });
    expect(await probeCookie({ ...probe, port: await serve(['coap-cookie-unchecked']) })).toMatchObject({
      wrongCookie: 'ServerHello',
    });
  });

  it('coap-replay-ends-session', async () => {
    const connection = await connectDtls({ ...CONNECT, port: await serve(['coap-replay-ends-session']) });
    const client = new CoapClient(connection);
    clients.push(client);
    expect((await client.request(REQUEST)).code).toBe('2.04');
    const end = new Promise<void>((resolve) => connection.onClose(() => resolve()));
    await connection.replayLastRecord();
    await end;
  });

  it('coap-no-cookie', async () => {
    const connection = await connectDtls({ ...CONNECT, port: await serve(['coap-no-cookie']) });
    clients.push(new CoapClient(connection));
    expect(connection.facts.cookieExchanged).toBe(false);
  });

  it('answers plain CoAP with the defect coap-plain-answered only, DTLS always', async () => {
    const good = new CoapClient(await connectUdp('127.0.0.1', await serve([])), QUICK);
    clients.push(good);
    await expect(good.request(REQUEST)).rejects.toMatchObject({ code: 'coap-timeout' });
    const port = await serve(['coap-plain-answered']);
    const plain = new CoapClient(await connectUdp('127.0.0.1', port), QUICK);
    clients.push(plain);
    expect((await plain.request(REQUEST)).code).toBe('2.04');
    const secure = new CoapClient(await connectDtls({ ...CONNECT, port }));
    clients.push(secure);
    expect((await secure.request(REQUEST)).code).toBe('2.04');
  });
});

describeWith('libcoap', 'the clients of libcoap', () => {
  const PSK = { identity: 'device-1', key: unhex('30313233343536373839414243444546') };

  it.each(['coap-client-openssl', 'coap-client-gnutls'])(
    '%s is answered, with certificate and with key',
    async (client) => {
      const folder = mkdtempSync(join(tmpdir(), 'sgp33-coap-'));
      atEnd(() => rmSync(folder, { recursive: true, force: true }));
      const [poll, ca] = [join(folder, 'poll'), join(folder, 'ca.pem')];
      writeFileSync(poll, POLL);
      writeFileSync(ca, CA);
      const eim = new FakeEim();
      eim.answer = LARGE;
      const listener = await listenCoaps({
        at: { port: 0 },
        identity: serverIdentity({}, pki),
        pki,
        defects: splitDefects([]).serve,
        eim: () => eim,
        log: () => undefined,
        psk: PSK,
      });
      atEnd(() => listener.close());
      // localhost is among the names of the certificate.
      const url = `coaps://localhost:${String(listener.port)}/gsma/rsp2/asn1`;
      for (const credentials of [
        ['-R', ca],
        ['-u', PSK.identity, '-k', Buffer.from(PSK.key).toString()],
      ]) {
        const answer = join(folder, 'answer');
        const done = await run(client, [
          ...credentials,
          '-m',
          'post',
          '-t',
          '42',
          '-f',
          poll,
          '-o',
          answer,
          '-B',
          '10',
          url,
        ]);
        expect(hex(new Uint8Array(readFileSync(answer))), done.stderr).toBe(LARGE);
        rmSync(answer);
      }
      expect(eim.asked).toEqual([hex(POLL), hex(POLL)]);
    },
  );
});
