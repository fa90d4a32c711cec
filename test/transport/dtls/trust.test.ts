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

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
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
});

describe('a certificate that is refused', () => {
  it.each<[string, DtlsTrust, unknown]>([
    ['by another CA', { ca: pem('CERT_CI_ECDSA_BRP') }, 'unable to get local issuer certificate'],
    ['for another key', { pinnedSpki: spkiOf(OTHER) }, hexOf(spkiOf(EIM_TLS.certificate!))],
    ['for another certificate', { pinnedCertificate: derOf(OTHER) }, expect.stringMatching(/^issued by/)],
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

  it('is taken after its time by a client without a clock', async () => {
    const expired = { notAfter: new Date('2021-01-01T00:00:00Z') };
    const server = await echoServer({ credentials: issueServer('P-256', expired) });
    expect(await ask(await client(server.port, { withoutClock: true }), 'late')).toBe('late');
    const other = await echoServer({
      credentials: issueServer('P-256', { ...expired, dns: ['other.example.com'] }),
    });
    await expect(client(other.port, { withoutClock: true })).rejects.toMatchObject({
      actual: 'hostname mismatch',
    });
  });

  it.each([
    ['for its date', { notAfter: new Date('2021-01-01T00:00:00Z') }, 'certificate has expired'],
    ['for its purpose', { purpose: '1.3.6.1.5.5.7.3.2' }, expect.stringMatching(/purpose/)],
  ])('%s', async (_why, changes, actual: unknown) => {
    const server = await echoServer({ credentials: issueServer('P-256', changes) });
    await expect(client(server.port)).rejects.toMatchObject({ code: 'dtls-certificate', actual });
  });

  it.each([
    ['name', {}, 'other.example.com', 'bad_certificate', 'subjectAltName for other.example.com'],
    [
      'date',
      { notAfter: new Date('2021-01-01T00:00:00Z') },
      undefined,
      'certificate_expired',
      expect.stringMatching(/^valid on /),
    ],
    [
      'purpose',
      { purpose: '1.3.6.1.5.5.7.3.2' },
      undefined,
      'unsupported_certificate',
      'extendedKeyUsage serverAuth',
    ],
  ])(
    'for its %s, though its key or it itself is pinned',
    async (_why, changes, servername, alertSent, expected) => {
      const credentials = issueServer('P-256', changes);
      const server = await echoServer({ credentials });
      const { certificate } = credentials;
      for (const trust of [{ pinnedSpki: spkiOf(certificate) }, { pinnedCertificate: derOf(certificate) }])
        await expect(
          client(server.port, { trust, ...(servername === undefined ? {} : { servername }) }),
        ).rejects.toMatchObject({
          code: 'dtls-certificate',
          expected: expected as unknown,
          facts: { alertSent },
        });
    },
  );
});
