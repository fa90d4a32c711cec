/** Peers that are not ours: the programs of libcoap, with OpenSSL and with GnuTLS, and tshark. */
import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  CoapClient,
  CoapServer,
  connectUdp,
  serveUdp,
  type CoapServerRequest,
  type DatagramChannel,
} from '../../../src/transport/coap/index.js';
import { connectDtls, serveDtls } from '../../../src/transport/dtls/index.js';
import { describeWith, run, start, stop } from '../../support/tools.js';
import { CI, EIM_TLS, HOST, pemPath } from '../dtls/support.js';
import { bytesOf, pattern } from './channels.js';
import { relayTo, writeCapture } from './relay.js';

const PSK = { identity: 'device-1', key: bytesOf('sixteen-byte-key') };
const PATH = 'gsma/rsp2/asn1';
/** Four blocks and a part. */
const BODY = pattern(4500);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sgp33-coap-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LIBRARIES = ['openssl', 'gnutls'] as const;
const TRANSPORTS = ['plain', 'psk', 'certificate'] as const;
type Transport = (typeof TRANSPORTS)[number];

/** A server of ours that gives every body back. */
async function echo(transport: Transport): Promise<{ url: string; requests: CoapServerRequest[] }> {
  const requests: CoapServerRequest[] = [];
  const serve = (channel: DatagramChannel): void =>
    void new CoapServer(channel, async (request) => {
      requests.push(request);
      return { code: '2.04', contentFormat: 42, payload: request.payload };
    });
  const credentials = transport === 'psk' ? { psk: PSK } : EIM_TLS;
  const server =
    transport === 'plain'
      ? await serveUdp(HOST, 0, serve)
      : await serveDtls({ host: HOST, port: 0, credentials }, serve);
  onTestFinished(() => server.close());
  const scheme = transport === 'plain' ? 'coap' : 'coaps';
  return { url: `${scheme}://${HOST}:${server.port}/${PATH}`, requests };
}

const CLIENT_ARGUMENTS: Record<Transport, () => string[]> = {
  plain: () => [],
  psk: () => ['-u', PSK.identity, '-k', Buffer.from(PSK.key).toString()],
  certificate: () => ['-R', pemPath('CERT_CI_ECDSA_NIST')],
};

describeWith('libcoap', 'coap-client with our server', () => {
  const cases = LIBRARIES.flatMap((library) =>
    TRANSPORTS.flatMap((transport) => [64, 1024].map((size) => ({ library, transport, size }))),
  );
  it.each(cases)('$library, $transport, blocks of $size', async ({ library, transport, size }) => {
    const { url, requests } = await echo(transport);
    const [input, output] = [join(folder, 'in'), join(folder, `out-${library}-${transport}-${size}`)];
    writeFileSync(input, BODY);
    const body = ['-m', 'post', '-t', '42', '-b', String(size), '-f', input, '-o', output, '-B', '10'];
    const { stderr } = await run(`coap-client-${library}`, [...body, ...CLIENT_ARGUMENTS[transport](), url]);
    expect(stderr).toBe('');
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ code: '0.02', path: PATH.split('/'), contentFormat: 42 });
    expect(Buffer.from(requests[0]!.payload).equals(BODY)).toBe(true);
    expect(readFileSync(output).equals(BODY)).toBe(true);
  });

  it('an unknown critical option: 4.02', async () => {
    const { url, requests } = await echo('plain');
    const args = ['-m', 'post', '-e', 'x', '-O', '65001,0x01', '-B', '10', url];
    const { stderr, stdout } = await run('coap-client-openssl', args);
    expect(`${stderr}${stdout.toString()}`).toContain('4.02');
    expect(requests).toHaveLength(0);
  });
});

describeWith('libcoap', 'our client with coap-server', () => {
  describe.each(LIBRARIES)('%s', (library) => {
    let server: ChildProcess | undefined;
    let port = 0;
    beforeAll(async () => {
      port = await freePortPair();
      server = start(`coap-server-${library}`, [
        ...['-A', HOST, '-p', String(port), '-d', '10', '-n'],
        ...['-k', Buffer.from(PSK.key).toString(), '-h', 'hint'],
        ...['-c', pemPath('CERT_EIM_TLS'), '-j', pemPath('SK_EIM_TLS')],
      ]);
      await untilAnswers(port);
    });
    afterAll(async () => {
      if (server !== undefined) await stop(server);
    });

    it.each(TRANSPORTS)('%s: PUT and GET in blocks', async (transport) => {
      const client = new CoapClient(await channelTo(transport, port));
      onTestFinished(() => client.close());
      const path = `body-${transport}`;
      const put = await client.request({
        code: '0.03',
        path,
        contentFormat: 42,
        payload: BODY,
        blockSize: 256,
      });
      expect(put).toMatchObject({ code: '2.01', block1Blocks: 18, block1Size: 256, tokenEcho: true });
      expect(put.block1Codes).toEqual(Array.from({ length: 17 }, () => '2.31'));
      const whole = await client.request({ code: '0.01', path });
      expect(whole).toMatchObject({
        code: '2.05',
        blocks: 5,
        block2Size: 1024,
        contentFormat: 42,
        tokenEcho: true,
      });
      expect(Buffer.from(whole.payload).equals(BODY)).toBe(true);
      const small = await client.request({ code: '0.01', path, blockSize: 64 });
      expect(small).toMatchObject({ blocks: 71, block2Size: 64 });
      expect(Buffer.from(small.payload).equals(BODY)).toBe(true);
    });

    it('a separate response, an unknown critical option, a path that is none', async () => {
      const client = new CoapClient(await channelTo('plain', port));
      onTestFinished(() => client.close());
      const slow = await client.request({
        code: '0.01',
        path: 'async',
        options: [{ number: 15, value: bytesOf('1') }],
      });
      expect(slow).toMatchObject({ code: '2.05', type: 'CON', separate: true, tokenEcho: true });
      const option = { number: 65001, value: bytesOf('x') };
      expect(await client.request({ code: '0.01', path: '', options: [option] })).toMatchObject({
        code: '4.02',
      });
      expect(await client.request({ code: '0.01', path: 'nowhere' })).toMatchObject({ code: '4.04' });
    });
  });
});

describeWith('tshark', 'tshark reads what passed', () => {
  it('over DTLS, with the key log: the exchange in blocks', async () => {
    const server = await serveDtls({ host: HOST, port: 0, credentials: EIM_TLS }, (channel) => {
      new CoapServer(channel, async ({ payload }) => ({ code: '2.04', contentFormat: 42, payload }));
    });
    const relay = await relayTo(server.port);
    const keys: string[] = [];
    const connection = await connectDtls({
      host: HOST,
      port: relay.port,
      servername: 'eim.example.com',
      trust: { ca: CI },
      keyLog: (line) => keys.push(line),
    });
    const client = new CoapClient(connection);
    const payload = pattern(1500);
    const response = await client.request({ code: '0.02', path: PATH, contentFormat: 42, payload });
    expect(response.payload).toEqual(payload);
    await client.close();
    await relay.close();
    await server.close();
    const [capture, keyLog] = [join(folder, 'dtls.pcap'), join(folder, 'keys.txt')];
    writeCapture(capture, relay.datagrams, 5684);
    writeFileSync(keyLog, keys.map((line) => `${line}\n`).join(''));
    const decrypt = ['-o', `tls.keylog_file:${keyLog}`];
    expect(await decoded(capture, decrypt)).toEqual([
      `0 2 /${PATH} 0`,
      `2 95 /${PATH} 0`,
      `0 2 /${PATH} 1`,
      `2 68 /${PATH} 0 1`,
      `0 2 /${PATH} 1`,
      `2 68 /${PATH} 1`,
    ]);
    // Without the keys there is nothing to see.
    expect(await decoded(capture, [])).toEqual([]);
  });

  it('plain: nothing malformed', async () => {
    const server = await serveUdp(HOST, 0, (channel) => {
      new CoapServer(channel, async () => ({ code: '2.04' }));
    });
    const relay = await relayTo(server.port);
    const client = new CoapClient(await connectUdp(HOST, relay.port));
    await client.request({ code: '0.02', path: PATH, payload: bytesOf('x') });
    await client.close();
    await relay.close();
    await server.close();
    const capture = join(folder, 'plain.pcap');
    writeCapture(capture, relay.datagrams, 5683);
    expect(await decoded(capture, [])).toEqual([`0 2 /${PATH}`, `2 68 /${PATH}`]);
  });

  /** Type, code, path and block numbers of each CoAP message. */
  async function decoded(capture: string, args: readonly string[]): Promise<string[]> {
    const fields = ['coap.type', 'coap.code', 'coap.opt.uri_path_recon', 'coap.opt.block_number'];
    const { stdout, stderr } = await run('tshark', [
      ...['-n', '-r', capture, '-Y', 'coap && !_ws.malformed', '-T', 'fields', '-E', 'separator=/s'],
      ...fields.flatMap((field) => ['-e', field]),
      ...args,
    ]);
    const lines = stdout.toString().trim().split('\n');
    if (lines.join('') === '' && /error|invalid|unknown/i.test(stderr)) throw new Error(stderr);
    return lines.filter((line) => line !== '').map((line) => line.trim().replaceAll(/[\s,]+/g, ' '));
  }
});

async function channelTo(transport: Transport, port: number): Promise<DatagramChannel> {
  if (transport === 'plain') return connectUdp(HOST, port);
  const secure = { host: HOST, port: port + 1 };
  if (transport === 'psk') return connectDtls({ ...secure, trust: {}, credentials: { psk: PSK } });
  return connectDtls({ ...secure, servername: 'eim.example.com', trust: { ca: CI } });
}

/** The program does not say when it listens: asks until it answers. */
async function untilAnswers(port: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const client = new CoapClient(await connectUdp(HOST, port));
    try {
      await client.request({ code: '0.01', path: '' }, AbortSignal.timeout(1000));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(50);
    } finally {
      await client.close();
    }
  }
}

/** coap-server takes the port above for DTLS. */
async function freePortPair(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 22_000 + 2 * Math.floor(Math.random() * 4000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
  throw new Error('no two neighbouring UDP ports are free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, HOST, () => socket.close(() => resolve(true)));
  });
}
