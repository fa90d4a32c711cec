/** TLS as an IPA offers it, what a handshake tells, and whom the IPA trusts (SGP.32 2.6.3.2). */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { EimObservation, FactMap, TlsOffer } from '../../../drivers/eim-contract.js';
import type { HttpsTrust } from '../../../drivers/eim-https/index.js';
import { opensslName } from '../../../drivers/eim-https/tls-offer.js';
import {
  CA,
  EIM,
  NAME,
  OTHER_CA,
  ask,
  channel,
  cleanUp,
  hex,
  httpsServer,
  issue,
  onCleanUp,
} from './support.js';

afterEach(cleanUp);

const tlsOf = (observed: EimObservation): FactMap => observed.facts['tls'] as FactMap;
const handshake = (port: number, tls?: TlsOffer, trust: HttpsTrust = { ca: CA.cert }) =>
  channel(port, { trust }).exchange({ device: 'a', handshakeOnly: true, ...(tls && { tls }) });

/** A folder with the eIM's certificate and key. */
function serverFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-https-'));
  onCleanUp(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'cert.pem'), EIM.cert);
  writeFileSync(join(folder, 'key.pem'), EIM.key);
  return folder;
}

/** openssl s_server answers every request with a page of its own. @returns its port once it listens. */
async function sServer(folder: string, ...more: string[]): Promise<number> {
  const port = await freePort();
  const args = ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', 'cert.pem', '-key', 'key.pem', '-www'];
  const child = spawn('openssl', [...args, ...more], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  onCleanUp(() => void child.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`openssl s_server ended with ${String(code)}`)));
    child.stdout.on('data', (text: Buffer) => {
      if (text.includes('ACCEPT')) resolve();
    });
  });
  return port;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

describe('facts', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', async (version) => {
    const chain = `${EIM.cert}${CA.cert}`;
    const { port, connections } = await httpsServer(undefined, {
      cert: chain,
      minVersion: version,
      maxVersion: version,
    });
    const observed = await handshake(port);
    expect(observed.fault).toBeUndefined();
    expect(tlsOf(observed)).toMatchObject({
      version,
      group: 'prime256v1',
      certificate: hex(EIM.der),
      chain: [hex(EIM.der), hex(CA.der)],
      certificateRequested: 'false',
      resumed: 'false',
      ticketOffered: 'false',
      servername: NAME,
    });
    expect(tlsOf(observed)['cipher']).toBe(
      version === 'TLSv1.2' ? 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256' : 'TLS_AES_256_GCM_SHA384',
    );
    expect(observed.facts['http']).toBeUndefined();
    expect(observed.events.map(({ kind }) => kind)).toEqual(['tls']);
    expect(connections()).toBe(1);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('a request for a client certificate in %s', async (version) => {
    const options = {
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
    };
    const { port } = await httpsServer(undefined, options);
    expect(tlsOf(await handshake(port))).toMatchObject({ certificateRequested: 'true' });
  });

  it.each([
    // TLS 1.2 tells it in the handshake, TLS 1.3 when the client has long begun to speak.
    ['TLSv1.2', 'handshake_failure'],
    ['TLSv1.3', 'certificate_required'],
  ] as const)('a client certificate that is insisted on in %s', async (version, alert) => {
    const folder = serverFolder();
    const port = await sServer(folder, version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3', '-Verify', '1');
    const observed = await channel(port).exchange(ask);
    expect(observed.fault).toMatchObject({ kind: 'handshake', actual: `alert ${alert}` });
    expect(tlsOf(observed)).toMatchObject({ certificateRequested: 'true', alert });
  });

  it('all suites of TLS 1.3 are read', async () => {
    for (const cipher of [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
    ]) {
      const { port } = await httpsServer(undefined, { requestCert: true, rejectUnauthorized: false });
      const facts = tlsOf(await handshake(port, { ciphers: [cipher] }));
      expect(facts).toMatchObject({ cipher, certificateRequested: 'true', certificate: hex(EIM.der) });
    }
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('a session offered again in %s', async (version) => {
    const { port, connections } = await httpsServer(undefined, { minVersion: version, maxVersion: version });
    const observed = await handshake(port, { resume: true });
    expect(observed.fault).toBeUndefined();
    expect(tlsOf(observed)).toMatchObject({
      ticketOffered: 'true',
      resumed: 'true',
      certificate: hex(EIM.der),
    });
    expect(connections()).toBe(2);
  });

  it('no session is offered unless a step says so', async () => {
    const { port } = await httpsServer(undefined, { maxVersion: 'TLSv1.2' });
    const esipa = channel(port);
    for (let i = 0; i < 3; i++)
      expect(tlsOf(await esipa.exchange({ ...ask, fresh: true }))).toMatchObject({ resumed: 'false' });
  });
});

describe('offers', () => {
  it.each<[string, TlsOffer, FactMap]>([
    [
      'only CBC',
      { ciphers: ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256'] },
      { version: 'TLSv1.2', cipherOpenssl: 'ECDHE-ECDSA-AES128-SHA256' },
    ],
    [
      'TLS 1.2',
      { versions: ['TLSv1.2'] },
      { version: 'TLSv1.2', cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256' },
    ],
    [
      'brainpool',
      { versions: ['TLSv1.2'], groups: ['brainpoolP256r1', 'prime256v1'] },
      { group: 'brainpoolP256r1' },
    ],
    ['no server name', { servername: null }, {}],
  ])('%s', async (_, tls, facts) => {
    const { port } = await httpsServer(undefined, { ecdhCurve: 'brainpoolP256r1:prime256v1' });
    const observed = await channel(port).exchange({ ...ask, tls });
    expect(observed.fault).toBeUndefined();
    expect(tlsOf(observed)).toMatchObject(facts);
    if (tls.servername === null) expect(tlsOf(observed)).not.toHaveProperty('servername');
  });

  it.each<[string, TlsOffer, string]>([
    ['TLS 1.1', { versions: ['TLSv1.1'] }, 'protocol_version'],
    [
      'RSA key exchange',
      { ciphers: ['TLS_RSA_WITH_AES_128_CBC_SHA256', 'TLS_RSA_WITH_AES_128_GCM_SHA256'] },
      'handshake_failure',
    ],
    ['an unsupported group', { versions: ['TLSv1.2'], groups: ['secp521r1'] }, 'handshake_failure'],
    [
      'an unsupported group in TLS 1.3',
      { versions: ['TLSv1.3'], groups: ['secp521r1'] },
      'handshake_failure',
    ],
    ['other signatures', { signatureAlgorithms: ['RSA-PSS+SHA256'] }, 'handshake_failure'],
  ])('%s is refused with an alert', async (_, tls, alert) => {
    const { port } = await httpsServer(undefined, { minVersion: 'TLSv1.2', ecdhCurve: 'prime256v1' });
    const observed = await handshake(port, tls);
    expect(observed.fault).toMatchObject({ kind: 'handshake', actual: `alert ${alert}` });
    expect(tlsOf(observed)).toMatchObject({ alert });
  });

  it('what OpenSSL does not know can not be offered', async () => {
    const { port } = await httpsServer();
    for (const tls of [
      { groups: ['none'] },
      { ciphers: ['NONE'] },
      { versions: ['SSLv9'] },
      { versions: [] },
      { wrongCookie: true },
    ])
      await expect(handshake(port, tls)).rejects.toMatchObject({ code: 'tls-offer' });
  });

  it('the certificate must have the name that is indicated', async () => {
    const { port } = await httpsServer();
    const observed = await handshake(port, { servername: 'other.example.com' });
    expect(tlsOf(observed)).toMatchObject({ servername: 'other.example.com', certificate: hex(EIM.der) });
    expect(observed.fault).toMatchObject({
      kind: 'certificate',
      expected: 'subjectAltName for other.example.com',
    });
  });

  it('what an offer trusts takes the place of what the target trusts', async () => {
    const { port } = await httpsServer();
    expect((await handshake(port, { trust: { pinnedSpki: EIM.spki } })).fault).toBeUndefined();
    expect((await handshake(port, { trust: { pinnedCertificate: CA.der } })).fault).toBeUndefined();
    const observed = await handshake(port, { trust: { pinnedCertificate: OTHER_CA.der } });
    expect(observed.fault).toMatchObject({ kind: 'certificate', path: 'tls.certificate' });
  });

  it('an offer is for one request', async () => {
    const { port, connections } = await httpsServer();
    const esipa = channel(port);
    await esipa.exchange({ ...ask, tls: { versions: ['TLSv1.2'] } });
    expect(tlsOf(await esipa.exchange(ask))).toMatchObject({ version: 'TLSv1.3' });
    expect(connections()).toBe(2);
  });

  it('key log', async () => {
    const { port } = await httpsServer();
    const lines: string[] = [];
    await channel(port, { keyLog: (line) => lines.push(line) }).exchange(ask);
    expect(lines.join('\n')).toMatch(/^CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]{64,96}$/m);
  });

  it.each([
    ['TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', 'ECDHE-ECDSA-AES128-CCM8'],
    ['TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'DES-CBC3-SHA'],
    ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
    ['TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
    ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES128-SHA'],
  ])('%s is %s', (iana, openssl) => expect(opensslName(iana)).toBe(openssl));
});

describe('trust', () => {
  const intermediate = issue({ name: 'Intermediate', ca: true, issuer: CA });
  const below = issue({ issuer: intermediate });
  const self = issue();
  const brainpool = issue({ issuer: CA, curve: 'brainpoolP256r1' });

  it.each([
    ['CA', EIM, EIM.cert, { ca: `${OTHER_CA.cert}${CA.cert}` }],
    ['CA, with an intermediate', below, below.cert + intermediate.cert, { ca: CA.cert }],
    ['pinned key', self, self.cert, { pinnedSpki: self.spki }],
    ['pinned certificate', self, self.cert, { pinnedCertificate: self.der }],
    ['pinned CA', EIM, EIM.cert, { pinnedCertificate: CA.der }],
    ['a wildcard', issue({ issuer: CA, dns: ['*.example.com'] }), undefined, { ca: CA.cert }],
    ['brainpool', brainpool, brainpool.cert, { ca: CA.cert }],
    ['anything', issue({ from: -10, to: -5, dns: [] }), undefined, { none: true as const }],
  ])('%s', async (_, identity, cert, trust) => {
    const { port } = await httpsServer(undefined, {
      cert: cert ?? identity.cert,
      key: identity.key,
      // OpenSSL has no brainpool in TLS 1.3.
      ...(identity === brainpool ? { maxVersion: 'TLSv1.2', ecdhCurve: 'brainpoolP256r1' } : {}),
    });
    const observed = await channel(port, { trust }).exchange(ask);
    expect(observed.fault).toBeUndefined();
    expect(observed.facts['http']).toMatchObject({ status: '200' });
  });

  const fake = issue({ name: 'Test CA', ca: true });
  it.each([
    ['expired', issue({ issuer: CA, from: -10, to: -5 }), { ca: CA.cert }, /valid from/],
    ['not yet valid', issue({ issuer: CA, from: 5 }), { ca: CA.cert }, /valid from/],
    [
      'another name',
      issue({ issuer: CA, dns: ['other.example.com'] }),
      { ca: CA.cert },
      /other\.example\.com/,
    ],
    ['the name in CN only', issue({ issuer: CA, dns: [] }), { ca: CA.cert }, /./],
    ['unknown CA', issue({ issuer: OTHER_CA }), { ca: CA.cert }, /Other CA/],
    ['a CA of the same name', issue({ issuer: fake }), { ca: CA.cert }, /Test CA/],
    ['self-signed', self, { ca: CA.cert }, /./],
    [
      'no serverAuth',
      issue({ issuer: CA, purpose: '1.3.6.1.5.5.7.3.2' }),
      { ca: CA.cert },
      /1\.3\.6\.1\.5\.5\.7\.3\.2/,
    ],
    ['another key than the pinned one', EIM, { pinnedSpki: self.spki }, /^3059/],
    ['another certificate than the pinned one', EIM, { pinnedCertificate: self.der }, /./],
    ['issued by a leaf', issue({ issuer: EIM }), { pinnedCertificate: EIM.der }, /./],
    ['no trust at all', EIM, {}, /./],
  ])('refuses %s, and sends nothing', async (_, identity, trust, actual) => {
    let requests = 0;
    const { port } = await httpsServer(() => requests++, { cert: identity.cert, key: identity.key });
    const observed = await channel(port, { trust }).exchange(ask);
    expect(observed.fault).toMatchObject({ kind: 'certificate', path: 'tls.certificate' });
    expect(observed.fault?.actual).toMatch(actual);
    expect(tlsOf(observed)).toMatchObject({ certificate: hex(identity.der) });
    expect(observed.facts['http']).toBeUndefined();
    expect(requests).toBe(0);
  });
});

describe('openssl s_server', () => {
  it.each([
    [['-tls1_2'], { version: 'TLSv1.2', cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256' }],
    [['-tls1_3'], { version: 'TLSv1.3' }],
    [
      ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA256'],
      { version: 'TLSv1.2', cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256' },
    ],
    [['-tls1_2', '-named_curve', 'brainpoolP256r1'], { group: 'brainpoolP256r1' }],
    [['-tls1_3', '-verify', '1'], { certificateRequested: 'true' }],
    [['-tls1_2', '-verify', '1'], { certificateRequested: 'true' }],
  ])('%j', async (options, facts) => {
    const port = await sServer(serverFolder(), ...options);
    const observed = await channel(port).exchange({
      ...ask,
      http: { method: 'GET', path: '/' },
      body: new Uint8Array(0),
    });
    expect(observed.fault).toBeUndefined();
    expect(tlsOf(observed)).toMatchObject({
      certificateRequested: 'false',
      certificate: hex(EIM.der),
      ...facts,
    });
    expect(observed.facts['http']).toMatchObject({ version: '1.0', status: '200' });
    expect(observed.findings.map(({ code }) => code)).toEqual(['http-content-type', 'http-admin-protocol']);
  });
});
