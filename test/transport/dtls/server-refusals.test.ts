/** What a server tells of handshakes that come to nothing, and how it is told to be another. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DtlsRefused, DtlsServerOptions } from '../../../src/transport/dtls/index.js';
import { describeWith } from '../../support/tools.js';
import { openssl, type OpensslRun } from './openssl-tool.js';
import {
  ask,
  client,
  clientHello,
  cookieOf,
  echoServer,
  EIM_TLS,
  HOST,
  issueServer,
  nextDatagram,
  pemPath,
  udpSocket,
  type EchoServer,
} from './support.js';

interface Telling extends EchoServer {
  /** The refusal with that number, from 0. */
  refusal(nr: number): Promise<DtlsRefused>;
}

async function telling(options: Partial<DtlsServerOptions> = {}): Promise<Telling> {
  const refused: DtlsRefused[] = [];
  const waiting: { readonly nr: number; readonly resolve: (one: DtlsRefused) => void }[] = [];
  const server = await echoServer({
    ...options,
    onRefused: (one) => {
      const nr = refused.push(one) - 1;
      for (const waiter of waiting) if (waiter.nr === nr) waiter.resolve(one);
    },
  });
  return Object.assign(server, {
    refusal: (nr: number) =>
      new Promise<DtlsRefused>((resolve) => {
        const there = refused[nr];
        if (there === undefined) waiting.push({ nr, resolve });
        else resolve(there);
      }),
  });
}

describe('a client that refuses', () => {
  it('the certificate: its alert, its hello', async () => {
    const server = await telling({
      credentials: issueServer('P-256', { notAfter: new Date('2021-01-01T00:00:00Z') }),
    });
    await expect(client(server.port)).rejects.toMatchObject({ code: 'dtls-certificate' });
    const { facts, error, remote } = await server.refusal(0);
    expect(facts).toMatchObject({ alert: 'certificate_expired', cookieExchanged: true });
    expect(facts.clientHello).toMatch(/^FEFD[0-9A-F]{64}/);
    expect(error).toMatchObject({ code: 'dtls-handshake' });
    expect(remote.address).toBe(HOST);
    expect(server.sessions).toHaveLength(0);
  });

  it('DTLS 1.0, when that is all there is', async () => {
    const server = await telling({ versions: ['DTLSv1'] });
    // Without a suite that DTLS 1.0 knows the server would not come to choose.
    const ciphers = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA'];
    await expect(client(server.port, { ciphers })).rejects.toMatchObject({ code: 'dtls-handshake' });
    const { facts } = await server.refusal(0);
    expect(facts.alert).toBe('protocol_version');
    expect(await ask(await client(server.port, { versions: ['DTLSv1'] }), 'old')).toBe('old');
    expect(server.sessions[0]?.facts.version).toBe('DTLSv1');
  });
});

describe('a server that refuses', () => {
  it('a client without a common suite: the alert that went out', async () => {
    const server = await telling({ ciphers: ['ECDHE-ECDSA-AES128-CCM8'] });
    await expect(client(server.port, { ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256'] })).rejects.toMatchObject({
      code: 'dtls-handshake',
    });
    const { facts, error } = await server.refusal(0);
    expect(facts.alertSent).toBe('handshake_failure');
    expect(error?.actual).toContain('no shared cipher');
  });

  it('a client that begins again from the same port', async () => {
    const server = await telling();
    const socket = await udpSocket();
    const begin = async (random: number): Promise<void> => {
      const bytes = Buffer.alloc(32, random);
      socket.send(clientHello(bytes), server.port, HOST);
      const cookie = cookieOf(await nextDatagram(socket));
      socket.send(clientHello(bytes, cookie, 1), server.port, HOST);
      await nextDatagram(socket);
    };
    await begin(1);
    await begin(2);
    const { error, facts } = await server.refusal(0);
    expect(error?.code).toBe('dtls-closed');
    expect(facts.clientHello).toMatch(/^FEFD0101/);
  });

  it('is silent: each new hello is told once, and nothing is said', async () => {
    const server = await telling({ silent: true });
    const socket = await udpSocket();
    let said = 0;
    socket.on('message', () => (said += 1));
    const [one, two] = [clientHello(Buffer.alloc(32, 1)), clientHello(Buffer.alloc(32, 2))];
    for (const datagram of [one, one, Buffer.from('no DTLS'), two]) socket.send(datagram, server.port, HOST);
    const seen = [await server.refusal(0), await server.refusal(1)];
    expect(seen.map(({ facts }) => facts.clientHello?.slice(0, 8))).toEqual(['FEFD0101', 'FEFD0202']);
    await server.reconfigure({ credentials: EIM_TLS });
    expect(await ask(await client(server.port), 'again')).toBe('again');
    expect(said).toBe(0);
  });
});

describe('reconfigure', () => {
  it('shows another certificate on the same port, and ends the sessions that are there', async () => {
    const server = await telling();
    const { port } = server;
    const before = await client(port);
    const over = new Promise<void>((resolve) => before.onClose(() => resolve()));
    const other = issueServer('P-256');
    await server.reconfigure({ credentials: other, cookies: false });
    await over;
    const after = await client(port);
    expect(after.facts.certificate).not.toBe(before.facts.certificate);
    expect(after.facts.cookieExchanged).toBe(false);
    expect(server.port).toBe(port);
  });

  it('changes nothing when the options are none', async () => {
    const server = await telling();
    const before = await client(server.port);
    for (const wrong of [{ ciphers: ['no-such-suite'] }, { versions: [] }, { groups: ['x'] }])
      await expect(server.reconfigure({ credentials: EIM_TLS, ...wrong })).rejects.toMatchObject({
        code: 'dtls-configuration',
      });
    expect(await ask(before, 'still')).toBe('still');
    await server.close();
    await expect(server.reconfigure({ credentials: EIM_TLS })).rejects.toMatchObject({ code: 'dtls-closed' });
  });
});

describeWith('openssl', 'resumption, by openssl s_client', () => {
  function connect(port: number, ...others: string[]): OpensslRun {
    return openssl(
      ...['s_client', '-dtls1_2', '-connect', `${HOST}:${port}`, '-CAfile', pemPath('CERT_CI_ECDSA_NIST')],
      ...others,
    );
  }

  async function firstSession(resumption: boolean): Promise<{ server: Telling; file: string }> {
    const folder = mkdtempSync(join(tmpdir(), 'sgp33-dtls-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'session.pem');
    const server = await telling({ resumption });
    const first = connect(server.port, '-sess_out', file);
    await first.shows('Verify return code');
    first.type('Q');
    await first.ended();
    return { server, file };
  }

  it('goes on where it was', async () => {
    const { server, file } = await firstSession(true);
    const second = connect(server.port, '-sess_in', file);
    await second.shows('Reused, TLSv1.2');
    second.type('hello');
    await second.shows('hello');
    expect(server.sessions.map(({ facts }) => facts.resumed)).toEqual([false, true]);
  });

  it('has nothing to go on with, unless it was asked for', async () => {
    const { file } = await firstSession(false);
    expect(existsSync(file)).toBe(false);
  });
});
