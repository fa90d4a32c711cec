import { describe, expect, it } from 'vitest';
import type { DtlsTrust } from '../../../src/transport/dtls/index.js';
import {
  ask,
  CI,
  client,
  derOf,
  echoServer,
  EIM_TLS,
  issueServer,
  pem,
  sharedEchoServer,
  spkiOf,
} from './support.js';

const shared = sharedEchoServer();

const OTHER = issueServer('P-256').certificate;

describe('a certificate that is trusted', () => {
  it.each<[string, DtlsTrust]>([
    ['by its CA', { ca: CI }],
    ['by one CA of several', { ca: `${pem('CERT_CI_ECDSA_BRP')}\n${CI}` }],
    ['as itself among the CAs', { ca: EIM_TLS.certificate! }],
    ['by its key', { pinnedSpki: spkiOf(EIM_TLS.certificate!) }],
    ['as the pinned one', { pinnedCertificate: derOf(EIM_TLS.certificate!) }],
    ['as any', { none: true }],
  ])('%s', async (_how, trust) => {
    const server = shared();
    expect(await ask(await client(server.port, { trust }), 'trusted')).toBe('trusted');
  });

  it('by its key, whatever its name and date', async () => {
    const credentials = issueServer('P-256', { notAfter: new Date('2021-01-01T00:00:00Z') });
    const server = await echoServer({ credentials });
    const connection = await client(server.port, {
      servername: 'other.example.com',
      trust: { pinnedSpki: spkiOf(credentials.certificate) },
    });
    expect(await ask(connection, 'pinned')).toBe('pinned');
  });
});

describe('a certificate that is refused', () => {
  it.each<[string, DtlsTrust, string]>([
    ['by another CA', { ca: pem('CERT_CI_ECDSA_BRP') }, 'unable to get local issuer certificate'],
    ['for another key', { pinnedSpki: spkiOf(OTHER) }, 'its public key is not the pinned one'],
    ['for another certificate', { pinnedCertificate: derOf(OTHER) }, 'it is not the pinned certificate'],
  ])('%s', async (_why, trust, actual) => {
    const server = shared();
    const before = server.sessions.length;
    await expect(client(server.port, { trust })).rejects.toMatchObject({
      code: 'dtls-certificate',
      actual,
      facts: {
        version: 'DTLSv1.2',
        cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
        certificate: Buffer.from(derOf(EIM_TLS.certificate!)).toString('hex').toUpperCase(),
      },
    });
    await server.stats();
    expect(server.sessions).toHaveLength(before);
  });

  it('for its name', async () => {
    const server = shared();
    await expect(client(server.port, { servername: 'eim2.example.com' })).rejects.toMatchObject({
      code: 'dtls-certificate',
      actual: 'hostname mismatch',
    });
  });

  it('for the host, when no name is sent', async () => {
    const server = shared();
    await expect(client(server.port, { servername: null })).rejects.toMatchObject({
      code: 'dtls-certificate',
      actual: 'IP address mismatch',
    });
  });

  it.each([
    ['for its date', { notAfter: new Date('2021-01-01T00:00:00Z') }, 'certificate has expired'],
    ['for its purpose', { purpose: '1.3.6.1.5.5.7.3.2' }, expect.stringMatching(/purpose/)],
  ])('%s', async (_why, changes, actual: unknown) => {
    const server = await echoServer({ credentials: issueServer('P-256', changes) });
    await expect(client(server.port)).rejects.toMatchObject({ code: 'dtls-certificate', actual });
  });
});
