import { describe, expect, it } from 'vitest';
import { dtlsAvailable } from '../../../src/transport/dtls/index.js';
import {
  ask,
  client,
  derOf,
  echoServer,
  EIM_TLS,
  issueServer,
  pem,
  PSK,
  sharedEchoServer,
} from './support.js';

const shared = sharedEchoServer();

it('is available here', () => {
  expect(dtlsAvailable()).toBe(true);
});

describe('with a certificate', () => {
  it.each([
    ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ['TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', 'ECDHE-ECDSA-AES128-CCM8'],
    ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES128-SHA256'],
  ])('agrees on %s', async (offered, agreed) => {
    const server = shared();
    const connection = await client(server.port, { ciphers: [offered] });
    expect(await ask(connection, 'hello')).toBe('hello');
    expect(connection.facts).toEqual({
      version: 'DTLSv1.2',
      cipher: agreed,
      group: 'prime256v1',
      certificate: Buffer.from(derOf(EIM_TLS.certificate!)).toString('hex').toUpperCase(),
      chain: [connection.facts.certificate],
      certificateRequested: false,
      cookieExchanged: true,
      connectionId: false,
      resumed: false,
    });
    expect(server.sessions.at(-1)?.facts).toEqual({
      version: 'DTLSv1.2',
      cipher: agreed,
      group: 'prime256v1',
      chain: [],
      certificateRequested: false,
      cookieExchanged: true,
      connectionId: false,
      resumed: false,
      servername: 'eim.example.com',
      clientHello: expect.stringMatching(/^FEFD/) as string,
    });
  });

  it('goes on with the session before where both want it', async () => {
    const server = await echoServer({ resumption: true });
    const other = await echoServer({ resumption: true });
    const resumed = async (port: number, resume: boolean): Promise<boolean> => {
      const connection = await client(port, { resume });
      expect(await ask(connection, 'hello')).toBe('hello');
      await connection.close();
      return connection.facts.resumed;
    };
    expect(await resumed(server.port, true)).toBe(false);
    expect(await resumed(server.port, true)).toBe(true);
    expect(await resumed(server.port, false)).toBe(false);
    expect(await resumed(other.port, true)).toBe(false);
  });

  it('uses brainpoolP256r1 for the key exchange and for the certificate', async () => {
    const server = await echoServer({ credentials: issueServer('brainpoolP256r1') });
    const connection = await client(server.port, {
      trust: { ca: pem('CERT_CI_ECDSA_BRP') },
      groups: ['brainpoolP256r1'],
    });
    expect(await ask(connection, 'curve')).toBe('curve');
    expect(connection.facts.group).toBe('brainpoolP256r1');
  });

  it('offers both curves by default', async () => {
    const server = await echoServer({
      credentials: issueServer('brainpoolP256r1'),
      groups: ['brainpoolP256r1'],
    });
    const connection = await client(server.port, { trust: { ca: pem('CERT_CI_ECDSA_BRP') } });
    expect(connection.facts.group).toBe('brainpoolP256r1');
  });

  it('sends the whole chain', async () => {
    const certificate = `${EIM_TLS.certificate}\n${pem('CERT_CI_ECDSA_NIST')}`;
    const server = await echoServer({ credentials: { ...EIM_TLS, certificate } });
    const connection = await client(server.port);
    expect(connection.facts.chain.map((hex) => hex.length / 2)).toEqual([
      derOf(EIM_TLS.certificate!).length,
      derOf(pem('CERT_CI_ECDSA_NIST')).length,
    ]);
  });

  it('authenticates both sides when the server asks', async () => {
    const server = await echoServer({ requestCertificate: true });
    const connection = await client(server.port, {
      credentials: issueServer('P-256', { purpose: '1.3.6.1.5.5.7.3.2' }),
    });
    await ask(connection, 'who');
    expect(connection.facts.certificateRequested).toBe(true);
    expect(server.sessions[0]?.facts.chain).toHaveLength(1);

    const nameless = await client(server.port);
    await ask(nameless, 'nobody');
    expect(server.sessions[1]?.facts.certificate).toBeUndefined();
  });

  it('asks for no cookie when told so', async () => {
    const server = await echoServer({ cookies: false });
    const connection = await client(server.port);
    expect(await ask(connection, 'at once')).toBe('at once');
    expect([connection.facts.cookieExchanged, server.sessions[0]?.facts.cookieExchanged]).toEqual([
      false,
      false,
    ]);
  });

  it('gives the same key log on both sides', async () => {
    const lines: [string[], string[]] = [[], []];
    const server = await echoServer({ keyLog: (line) => lines[0].push(line) });
    const connection = await client(server.port, { keyLog: (line) => lines[1].push(line) });
    await ask(connection, 'log');
    expect(lines[1]).toEqual([expect.stringMatching(/^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/i)]);
    expect(lines[0]).toEqual(lines[1]);
  });

  it('fits a handshake into small datagrams', async () => {
    const server = shared();
    const connection = await client(server.port, { mtu: 256 });
    expect(await ask(connection, 'small')).toBe('small');
  });

  it('serves IPv6', async () => {
    const server = await echoServer({ host: '::1' });
    const connection = await client(server.port, { host: '[::1]' });
    expect(await ask(connection, 'six')).toBe('six');
    expect(connection.remote).toEqual({ address: '::1', port: server.port });
  });

  it('sends no server name when told so', async () => {
    const server = shared();
    await ask(await client(server.port, { host: 'localhost', servername: null }), 'unnamed');
    expect(server.sessions.at(-1)?.facts.servername).toBeUndefined();
  });
});

describe('with a pre-shared key', () => {
  it.each([
    ['TLS_PSK_WITH_AES_128_CCM_8', 'PSK-AES128-CCM8'],
    ['PSK-AES128-GCM-SHA256', 'PSK-AES128-GCM-SHA256'],
  ])('agrees on %s', async (offered, agreed) => {
    const server = await echoServer({ credentials: { psk: PSK }, pskHint: 'sgp33' });
    const connection = await client(server.port, {
      credentials: { psk: PSK },
      trust: {},
      ciphers: [offered],
    });
    expect(await ask(connection, 'shared')).toBe('shared');
    expect(connection.facts).toMatchObject({ cipher: agreed, chain: [], cookieExchanged: true });
    expect(connection.facts.group).toBeUndefined();
    expect(server.sessions[0]?.facts.pskIdentity).toBe(PSK.identity);
  });

  it('knows several identities, beside a certificate', async () => {
    const psks = new Map([
      ['a', Buffer.from('key of a')],
      ['b', Buffer.from('key of b')],
    ]);
    const server = await echoServer({ psks });
    for (const [identity, key] of psks) {
      const connection = await client(server.port, { credentials: { psk: { identity, key } }, trust: {} });
      expect(connection.facts.cipher).toBe('PSK-AES128-CCM8');
    }
    const connection = await client(server.port);
    expect(connection.facts.cipher).toBe('ECDHE-ECDSA-AES128-GCM-SHA256');
  });

  it('refuses an unknown identity', async () => {
    const server = await echoServer({ credentials: { psk: PSK } });
    const attempt = client(server.port, {
      credentials: { psk: { identity: 'stranger', key: PSK.key } },
      trust: {},
    });
    await expect(attempt).rejects.toMatchObject({
      code: 'dtls-handshake',
      facts: { alert: 'unknown_psk_identity', version: 'DTLSv1.2', cipher: 'PSK-AES128-CCM8' },
    });
    expect(server.sessions).toEqual([]);
  });

  it('comes to no end with a wrong key', async () => {
    const server = await echoServer({ credentials: { psk: PSK } });
    const attempt = client(server.port, {
      credentials: { psk: { identity: PSK.identity, key: Buffer.from('wrong') } },
      trust: {},
      handshakeTimeoutMs: 1500,
    });
    await expect(attempt).rejects.toMatchObject({ name: 'DtlsError' });
    expect(server.sessions).toEqual([]);
  });
});

describe('without anything in common', () => {
  it('refuses DTLS 1.0 with protocol_version', async () => {
    const server = shared();
    await expect(client(server.port, { versions: ['DTLSv1'] })).rejects.toMatchObject({
      code: 'dtls-handshake',
      place: `127.0.0.1:${server.port}`,
      facts: { alert: 'protocol_version', version: '', cookieExchanged: true },
    });
  });

  it('takes DTLS 1.0 when it is told to', async () => {
    const server = await echoServer({ versions: ['DTLSv1', 'DTLSv1.2'] });
    const old = await client(server.port, { versions: ['DTLSv1'] });
    expect(old.facts).toMatchObject({ version: 'DTLSv1', cipher: 'ECDHE-ECDSA-AES128-SHA' });
    expect((await client(server.port)).facts.version).toBe('DTLSv1.2');
    await expect(echoServer({ versions: [] })).rejects.toMatchObject({ code: 'dtls-configuration' });
  });

  it('takes DTLS 1.2 from a client that would take both', async () => {
    const server = shared();
    const connection = await client(server.port, { versions: ['DTLSv1', 'DTLSv1.2'] });
    expect(connection.facts.version).toBe('DTLSv1.2');
  });

  it.each([
    ['cipher suite', { ciphers: ['ECDHE-RSA-AES128-GCM-SHA256'] }],
    ['group', { groups: ['secp384r1'] }],
  ])('reports the alert when no %s is shared', async (_what, offer) => {
    const server = shared();
    await expect(client(server.port, offer)).rejects.toMatchObject({
      code: 'dtls-handshake',
      facts: { alert: 'handshake_failure' },
    });
  });
});
