/** What a listener shows, seen by TLS clients that are not ours to bend. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  SERVER_CERTIFICATES,
  type EsipaListener,
  type ServerCertificate,
  type ServerPresentation,
} from '../../../drivers/ipad-contract.js';
import { typeByName } from '../../../src/protocol/types/index.js';
import type { FactMap } from '../../../drivers/eim-contract.js';
import { decode } from '../../../src/protocol/asn1/index.js';
import { certificatePem } from '../../../src/protocol/pki/pem.js';
import { parseCertificate } from '../../../src/protocol/pki/certificate.js';
import {
  arrival,
  CI,
  CI_BRP,
  clientHello,
  closed,
  rawDial,
  dial,
  hex,
  NAME,
  open,
  PKI,
  portOf,
  session,
} from './support.js';

/** The leaf that is shown, and whether node's client trusts it. */
async function seen(
  listener: EsipaListener,
  options: ConnectionOptions = {},
): Promise<{ der: Buffer; authorized: boolean; why: string }> {
  const socket = dial(listener, { rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate()!;
  const why = String(socket.authorizationError);
  const { authorized } = socket;
  socket.destroy();
  return { der: certificate.raw, authorized, why };
}

const ACCEPTED: readonly ServerCertificate[] = ['good', 'intermediate', 'other-key'];
const REASONS: Readonly<Partial<Record<ServerCertificate, string>>> = {
  'bad-signature': 'CERT_SIGNATURE_FAILURE',
  expired: 'CERT_HAS_EXPIRED',
  'not-yet-valid': 'CERT_NOT_YET_VALID',
  'unknown-ca': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'other-name': 'ERR_TLS_CERT_ALTNAME_INVALID',
  'no-server-auth': 'INVALID_PURPOSE',
  'self-signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
};

describe('certificates under the CI', () => {
  it.each(SERVER_CERTIFICATES.filter((one) => one !== 'brainpool'))('%s', async (certificate) => {
    const listener = await open();
    await listener.present({ certificate });
    const { authorized, why, der } = await seen(listener);
    expect(authorized).toBe(ACCEPTED.includes(certificate));
    expect(why).toContain(REASONS[certificate] ?? 'null');
    const own = new X509Certificate(listener.trustAnchor('certificate'));
    const shown = new X509Certificate(der);
    const sameKey = shown.publicKey.equals(own.publicKey);
    expect(sameKey).toBe(certificate !== 'other-key');
    expect(Buffer.compare(der, own.raw) === 0).toBe(certificate === 'good');
  });

  it('brainpoolP256r1, under the CI on that curve', async () => {
    const listener = await open();
    await listener.present({ certificate: 'brainpool' });
    const options = { ecdhCurve: 'brainpoolP256r1', maxVersion: 'TLSv1.2', ca: CI_BRP } as const;
    const { authorized, der } = await seen(listener, options);
    expect(authorized).toBe(true);
    expect(parseCertificate(der).curve).toBe('brainpoolP256r1');
    expect((await seen(listener, { ...options, ca: CI })).authorized).toBe(false);
    expect((await arrival(listener, 'session')).facts).toMatchObject({
      tls: { version: 'TLSv1.2', group: 'brainpoolP256r1', groupsOffered: ['brainpoolP256r1'] },
    });
  });

  it('the intermediate CA is sent with its leaf, and may be all that is trusted', async () => {
    const listener = await open();
    const ca = certificatePem(listener.trustAnchor('intermediate-ca'));
    await listener.present({ certificate: 'intermediate' });
    expect((await seen(listener, { ca, allowPartialTrustChain: true })).authorized).toBe(true);
    await listener.present({});
    expect((await seen(listener, { ca, allowPartialTrustChain: true })).authorized).toBe(false);
  });

  it('carry any name, and are the same in every run', async () => {
    const names = { serverName: 'other-eim.lab.example', identity: 'EIM2_TLS' };
    const [one, two] = [await open(names), await open(names)];
    const { authorized, der } = await seen(one, { servername: names.serverName });
    expect(authorized).toBe(true);
    expect(hex(one.trustAnchor('certificate'))).toBe(hex(der));
    for (const kind of ['public-key', 'certificate', 'ca', 'intermediate-ca'] as const)
      expect(hex(one.trustAnchor(kind))).toBe(hex(two.trustAnchor(kind)));
    for (const certificate of ['intermediate', 'expired', 'brainpool', 'self-signed'] as const) {
      await one.present({ certificate });
      await two.present({ certificate });
      const curve = { ecdhCurve: 'brainpoolP256r1:prime256v1' };
      expect(hex((await seen(one, curve)).der)).toBe(hex((await seen(two, curve)).der));
    }
  });

  it('are profiled as CERT.EIM.TLS', async () => {
    const listener = await open({ serverName: 'profile.lab.example' });
    const certificate = parseCertificate(listener.trustAnchor('certificate'));
    expect(certificate).toMatchObject({
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
      subjectAltName: { dns: ['profile.lab.example', 'localhost'], rid: ['2.999.20'] },
      akiHex: PKI.certificate('CI_ECDSA_NIST').skiHex,
      policies: [],
    });
    expect(certificate.isSignedBy(PKI.certificate('CI_ECDSA_NIST'))).toBe(true);
    expect(
      checkServerIdentity('profile.lab.example', new X509Certificate(certificate.der).toLegacyObject()),
    ).toBe(undefined);
  });
});

describe('what an IPAd is told to trust', () => {
  it('fits trustedPublicKeyDataTls of EimConfigurationData', async () => {
    const listener = await open();
    const spki = listener.trustAnchor('public-key');
    const { publicKey } = new X509Certificate(listener.trustAnchor('certificate'));
    expect(hex(spki)).toBe(hex(publicKey.export({ format: 'der', type: 'spki' })));
    const spkiType = decode(typeByName('1.2', 'SubjectPublicKeyInfo'), spki);
    expect(spkiType.findings).toEqual([]);
    for (const kind of ['certificate', 'ca', 'intermediate-ca'] as const)
      expect(decode(typeByName('1.2', 'Certificate'), listener.trustAnchor(kind)).findings).toEqual([]);
    expect(new X509Certificate(listener.trustAnchor('ca')).ca).toBe(true);
  });
});

describe('versions and suites', () => {
  it.each(['TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const)('%s only', async (version) => {
    const listener = await open();
    await listener.present({ versions: [version] });
    const weak = { ciphers: 'DEFAULT:@SECLEVEL=0' };
    const socket = await session(listener, { ...weak, minVersion: 'TLSv1' });
    expect(socket.getProtocol()).toBe(version);
    const { facts } = await arrival(listener, 'session');
    expect(facts).toMatchObject({ tls: { version } });
    const others = (['TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const).filter((other) => other !== version);
    for (const other of others) {
      const refused = dial(listener, { ...weak, minVersion: other, maxVersion: other });
      await closed(refused);
      const failed = await arrival(listener, 'handshake-failed');
      const tls = failed.facts['tls'] as FactMap;
      expect(tls['versionsOffered']).toEqual([other]);
      // A server that has only TLS 1.1 offers it; the client refuses.
      expect([tls['alert'], tls['alertSent']]).toContain('protocol_version');
    }
  });

  it('a client that takes no TLS 1.1 ends the handshake, and its alert is told', async () => {
    const listener = await open();
    await listener.present({ versions: ['TLSv1.1'] });
    const twelve = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    await closed(dial(listener, twelve));
    expect((await arrival(listener, 'handshake-failed')).facts).toMatchObject({
      tls: { versionsOffered: ['TLSv1.2'], version: 'TLSv1.1', alert: 'protocol_version' },
      connection: { requests: '0', end: 'closed' },
    });
    // With supported_versions the server sees by itself that there is no common one.
    await closed(dial(listener, { minVersion: 'TLSv1.2' }));
    expect((await arrival(listener, 'handshake-failed')).facts).toMatchObject({
      tls: {
        versionsOffered: ['TLSv1.3', 'TLSv1.2'],
        alertSent: 'protocol_version',
        reason: 'unsupported protocol (ERR_SSL_UNSUPPORTED_PROTOCOL)',
      },
    });
  });

  it('suites, in their order', async () => {
    const listener = await open();
    await listener.present({ versions: ['TLSv1.2'], ciphers: ['ECDHE-ECDSA-AES128-SHA256'] });
    await session(listener);
    const cipher = 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256';
    expect((await arrival(listener, 'session')).facts).toMatchObject({ tls: { cipher } });
    dial(listener, { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' });
    expect((await arrival(listener, 'handshake-failed')).facts).toMatchObject({
      tls: {
        ciphersOffered: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'],
      },
    });
  });

  it('a suite that was not offered', async () => {
    const listener = await open();
    await listener.present({ unofferedCipher: true });
    const socket = dial(listener);
    const [error] = (await once(socket, 'error')) as [Error & { code: string }];
    expect(error.code).toMatch(/ERR_SSL_(WRONG_CIPHER|UNKNOWN_CIPHER)/);
    const { facts, events } = await arrival(listener, 'handshake-failed');
    expect(facts).toMatchObject({ tls: { alert: 'illegal_parameter', version: 'TLSv1.2' } });
    const tls = facts['tls'] as { cipher: string; ciphersOffered: string[] };
    expect(tls.ciphersOffered).not.toContain(tls.cipher);
    expect(events[0]!.bytes!.length).toBeGreaterThan(100);
  });

  it.each([
    { versions: ['TLSv9'] },
    { versions: [] },
    { ciphers: ['no-such-suite'] },
    { cookies: true },
    { versions: ['TLSv1.3'], certificate: 'brainpool' as const },
  ])('what can not be shown changes nothing: %o', async (presentation) => {
    const listener = await open();
    await expect(listener.present(presentation)).rejects.toMatchObject({ code: 'listener-presentation' });
    await session(listener);
    await arrival(listener, 'session');
  });
});

describe('a client certificate', () => {
  const { certificate, privateKey } = PKI.identity('EIM2_TLS');
  const own = {
    cert: certificatePem(certificate.der),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is told where one is sent, and wanted only when told so: %s',
    async (version) => {
      const listener = await open();
      const options = { ...own, minVersion: version, maxVersion: version };
      const sent = async (client: ConnectionOptions): Promise<unknown> => {
        await session(listener, { ...client, minVersion: version, maxVersion: version });
        return (await arrival(listener, 'session')).facts['tls'];
      };
      expect(await sent(options)).toMatchObject({ clientCertificate: 'false' });
      await listener.present({ requestClientCertificate: true });
      expect(await sent(options)).toMatchObject({ clientCertificate: 'true' });
      expect(await sent({})).toMatchObject({ clientCertificate: 'false' });
    },
  );
});

describe('resumption', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is possible when told so, until the next presentation: %s',
    async (version) => {
      const listener = await open();
      const connection = async (
        saved?: Buffer,
      ): Promise<{ tls: unknown; socket: TLSSocket; tickets: Buffer[] }> => {
        const versions = { minVersion: version, maxVersion: version };
        const socket = dial(listener, saved === undefined ? versions : { ...versions, session: saved });
        const tickets: Buffer[] = [];
        socket.on('session', (ticket) => tickets.push(ticket));
        socket.on('data', () => undefined);
        await once(socket, 'secureConnect');
        const { facts } = await arrival(listener, 'session');
        return { tls: facts['tls'], socket, tickets };
      };
      const ticketOf = async (presentation: ServerPresentation): Promise<Buffer> => {
        await listener.present(presentation);
        const { tls, socket, tickets } = await connection();
        expect(tls).toMatchObject({ resumed: 'false', resumptionOffered: 'false' });
        if (tickets.length === 0) await once(socket, 'session');
        return tickets[0]!;
      };
      const ticket = await ticketOf({ resumption: true });
      expect((await connection(ticket)).tls).toMatchObject({ resumed: 'true', resumptionOffered: 'true' });
      const next = await ticketOf({ resumption: true });
      expect((await connection(ticket)).tls).toMatchObject({ resumed: 'false', resumptionOffered: 'true' });
      await listener.present({});
      expect((await connection(next)).tls).toMatchObject({ resumed: 'false' });
    },
  );
});

describe('being there', () => {
  it('down: nothing listens, until the next presentation', async () => {
    const listener = await open();
    const { address } = listener;
    const before = await session(listener);
    await arrival(listener, 'session');
    const ended = closed(before);
    await listener.present({ down: true });
    await ended;
    const refused = rawDial(listener);
    const [error] = (await once(refused, 'error')) as [Error & { code: string }];
    expect(error.code).toBe('ECONNREFUSED');
    await listener.present({});
    expect(listener.address).toBe(address);
    await session(listener);
    // The end of the first connection was ordered: it is no arrival.
    expect((await listener.next(5000))?.kind).toBe('session');
  });

  it('down, and the port is taken meanwhile', async () => {
    const listener = await open();
    await listener.present({ down: true });
    const thief = createServer();
    thief.listen(portOf(listener), '127.0.0.1');
    await once(thief, 'listening');
    await expect(listener.present({})).rejects.toMatchObject({ code: 'communication' });
    thief.close();
    await once(thief, 'close');
    await listener.present({});
    await session(listener);
  });

  it('mute: the hello is read, and nothing is said', async () => {
    const listener = await open();
    await listener.present({ mute: true });
    const socket = rawDial(listener);
    let said = 0;
    socket.on('data', () => (said += 1));
    socket.end(await clientHello());
    await closed(socket);
    const { facts } = await arrival(listener, 'handshake-failed');
    expect(facts).toMatchObject({ tls: { servername: NAME }, connection: { requests: '0' } });
    expect(said).toBe(0);
  });

  it('mute for whoever is connected already', async () => {
    const listener = await open();
    const before = await session(listener);
    const ended = closed(before);
    await listener.present({ mute: true });
    await ended;
  });

  it('a port that is taken is told', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(open({ port })).rejects.toMatchObject({ code: 'communication' });
    server.close();
  });
});

it('a folder without the intermediate CA does as well', async () => {
  const listener = await open({
    pki: { ...PKI, has: (name) => name !== 'EIM_CA_ECDSA_NIST' && PKI.has(name) },
  });
  await listener.present({ certificate: 'intermediate' });
  expect((await seen(listener)).authorized).toBe(true);
  const ca = certificatePem(listener.trustAnchor('intermediate-ca'));
  expect((await seen(listener, { ca, allowPartialTrustChain: true })).authorized).toBe(true);
});
