import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  connectDtls,
  serveDtls,
  type DtlsClientOptions,
  type DtlsServerOptions,
} from '../../../src/transport/dtls/index.js';
import { CI, client, EIM_TLS, HOST, nextDatagram, pem, udpSocket } from './support.js';

/** The ClientHello that a client sends, in hex. */
async function helloOf(options: Partial<DtlsClientOptions>): Promise<string> {
  const socket = await udpSocket();
  const hello = nextDatagram(socket);
  const stop = new AbortController();
  const attempt = client(socket.address().port, { ...options, signal: stop.signal });
  const bytes = await hello;
  stop.abort();
  await expect(attempt).rejects.toMatchObject({ code: 'dtls-closed' });
  return bytes.toString('hex');
}

describe('the ClientHello', () => {
  it('offers what a good IPA offers', async () => {
    const hello = await helloOf({});
    expect(hello).toMatch(/^16feff/);
    // client_version, and behind random, session_id and cookie: the three suites and the SCSV of RFC 5746.
    expect(hello.slice(50, 54)).toBe('fefd');
    expect(hello).toContain('00000008c02bc0aec02300ff0100');
    // supported_groups: secp256r1 and brainpoolP256r1; server_name.
    expect(hello).toContain('000a000600040017001a');
    expect(hello).toContain(Buffer.from('eim.example.com').toString('hex'));
  });

  it('offers what it is told, in that order', async () => {
    const hello = await helloOf({
      ciphers: ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
      groups: ['brainpoolP256r1', 'prime256v1'],
      signatureAlgorithms: ['ECDSA+SHA384'],
      servername: null,
      trust: { none: true },
    });
    expect(hello).toContain('00000006c023c02b00ff0100');
    expect(hello).toContain('000a00060004001a0017');
    expect(hello).toContain('000d000400020503');
    expect(hello).not.toContain(Buffer.from('example').toString('hex'));
  });

  it('offers only the pre-shared key where no certificate is trusted', async () => {
    const psk = { identity: 'a', key: Buffer.from('b') };
    expect(await helloOf({ credentials: { psk }, trust: {} })).toContain('00000006c0a800a800ff0100');
  });

  it('offers DTLS 1.0', async () => {
    const hello = await helloOf({ versions: ['DTLSv1'] });
    expect(hello.slice(50, 54)).toBe('feff');
    expect(hello).toContain('00000004c00900ff0100');
  });
});

describe('options that cannot be used', () => {
  const base = { host: HOST, port: 5684, trust: { ca: CI } };
  const encrypted = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n';
  it.each<[string, Partial<DtlsClientOptions>, string]>([
    ['a CA that is no PEM', { trust: { ca: 'CA' } }, 'trust.ca has no certificate in PEM'],
    [
      'a CA that is no certificate',
      { trust: { ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' } },
      'trust.ca cannot be read',
    ],
    ['a pin that is no key', { trust: { pinnedSpki: Buffer.from('30', 'hex') } }, 'no SubjectPublicKeyInfo'],
    ['a pin that is no certificate', { trust: { pinnedCertificate: Buffer.alloc(4) } }, 'is no certificate'],
    ['nothing to trust', { trust: {} }, 'What to trust is not clear'],
    ['two things to trust', { trust: { ca: CI, none: true } }, 'What to trust is not clear'],
    ['an unknown suite', { ciphers: ['ECDHE-ECDSA-AES128-GCM'] }, 'No such cipher suite'],
    ['a suite with a separator', { ciphers: ['ALL:eNULL'] }, 'No such cipher suite'],
    ['no suite', { ciphers: [] }, 'No cipher suite is left'],
    ['an unknown group', { groups: ['P-257'] }, 'No such group'],
    [
      'an unknown signature algorithm',
      { signatureAlgorithms: ['ECDSA+SHA9'] },
      'No such signature algorithm',
    ],
    ['suites of other signatures', { signatureAlgorithms: ['RSA+SHA256'] }, 'No cipher suite fits'],
    [
      'suites of another version',
      { versions: ['DTLSv1'], ciphers: ['PSK-AES128-CCM8'] },
      'No cipher suite fits',
    ],
    ['no version', { versions: [] }, 'No DTLS version'],
    ['a port that is none', { port: 65_536 }, 'port is out of range'],
    ['an MTU that is too small', { mtu: 100 }, 'mtu is out of range'],
    ['a certificate without a key', { credentials: { certificate: CI } }, 'belong together'],
    [
      'a key of another certificate',
      { credentials: { ...EIM_TLS, privateKey: pem('SK_EIM2_TLS') } },
      'is not that of the certificate',
    ],
    [
      'an encrypted key',
      { credentials: { ...EIM_TLS, privateKey: encrypted } },
      'private key cannot be read',
    ],
    [
      'an empty pre-shared key',
      { credentials: { psk: { identity: 'a', key: Buffer.alloc(0) } } },
      'pre-shared key',
    ],
    ['a NUL in a name', { servername: 'a\0b' }, 'NUL'],
  ])('%s', async (_what, options, message) => {
    await expect(connectDtls({ ...base, ...options })).rejects.toMatchObject({
      code: 'dtls-configuration',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each<[string, Partial<DtlsServerOptions>, string]>([
    ['no credentials', { credentials: {} }, 'needs a certificate or a pre-shared key'],
    ['an unknown suite', { ciphers: ['NONE'] }, 'No such cipher suite'],
    [
      'a hint that is too long',
      { credentials: { psk: { identity: 'a', key: Buffer.from('b') } }, pskHint: 'x'.repeat(300) },
      'hint is too long',
    ],
    ['an address that is not ours', { host: '192.0.2.1' }, 'cannot be served'],
  ])('of a server: %s', async (_what, options, message) => {
    const attempt = serveDtls({ host: HOST, port: 0, credentials: EIM_TLS, ...options }, () => {});
    await expect(attempt).rejects.toMatchObject({
      code: 'dtls-configuration',
      message: expect.stringContaining(message) as string,
    });
  });

  it('of a server: a port in use', async () => {
    const socket = await udpSocket();
    const attempt = serveDtls({ host: HOST, port: socket.address().port, credentials: EIM_TLS }, () => {});
    await expect(attempt).rejects.toMatchObject({ code: 'dtls-configuration', systemCode: 'EADDRINUSE' });
  });

  it('reads PEM with text around it', async () => {
    const certificate = `subject: eim\n${new X509Certificate(EIM_TLS.certificate!).toString()}\nend\n`;
    const server = await serveDtls(
      { host: HOST, port: 0, credentials: { ...EIM_TLS, certificate } },
      () => {},
    );
    const connection = await client(server.port);
    expect(connection.facts.chain).toHaveLength(1);
    await server.close();
  });
});
