/** The TLS server as OpenSSL's own client sees it (SGP.32 2.6.3.2). */
import { spawn } from 'node:child_process';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { NO_DEFECTS, splitDefects } from '../../../../src/simulators/eim/serve/defects.js';
import { parseCertificate } from '../../../../src/protocol/pki/certificate.js';
import { issueCertificate, altNameExtension } from '../../../../src/protocol/pki/issue.js';
import { generateEcKeyPair } from '../../../../src/protocol/crypto/ecdsa.js';
import { identityOf, serverIdentity } from '../../../../src/simulators/eim/serve/tls-settings.js';
import { ownIdentity } from '../../../../src/simulators/eim/serve/wrong-identity.js';
import { ask, atEnd, CA, openEsipa, pki } from './support.js';

interface SClient {
  /** `TLSv1.3`; `(NONE)` when there is no session. */
  readonly version: string;
  readonly cipher: string;
  readonly alert: string | undefined;
  readonly text: string;
}

/** `openssl s_client`, which ends at once because its input is empty. */
async function sClient(port: number, ...args: readonly string[]): Promise<SClient> {
  const common = ['-connect', `127.0.0.1:${port}`, '-servername', 'eim.example.com'];
  const child = spawn('openssl', ['s_client', ...common, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  atEnd(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text += part.toString()));
  child.stdin.end();
  await new Promise((resolve) => child.once('close', resolve));
  const [, version = '?', cipher = '?'] = /^New, (\S+), Cipher is (\S+)$/m.exec(text) ?? [];
  return {
    version,
    cipher,
    alert: /:ssl\w* alert ([a-z ]+):|alert ([a-z ]+):/.exec(text)?.slice(1).find(Boolean),
    text,
  };
}

const protocolOf = (text: string): string | undefined => /^\s*Protocol\s*: (\S+)$/m.exec(text)?.[1];

describe('openssl s_client', () => {
  it('gets TLS 1.3', async () => {
    const { port } = await openEsipa();
    const { version, cipher } = await sClient(port, '-tls1_3');
    expect([version, cipher]).toEqual(['TLSv1.3', 'TLS_AES_128_GCM_SHA256']);
  });

  it.each([
    ['ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES128-SHA256'],
  ])('gets TLS 1.2 with %s', async (offered, chosen) => {
    const { port } = await openEsipa();
    const { cipher, text } = await sClient(port, '-tls1_2', '-cipher', offered);
    expect([protocolOf(text), cipher]).toEqual(['TLSv1.2', chosen]);
    expect(text).toContain('No client certificate CA names sent');
    expect(text).toMatch(/Server Temp Key: ECDH, prime256v1|Server Temp Key: ECDH, P-256/);
  });

  it('sees a chain that the CI vouches for', async () => {
    const { port } = await openEsipa();
    const { status, socket } = await ask({ port });
    expect([status, socket.version]).toEqual([200, 'TLSv1.3']);
  });

  it.each([
    ['TLS 1.1', ['-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0'], 'protocol version'],
    ['RSA key exchange', ['-tls1_2', '-cipher', 'AES128-SHA256'], 'handshake failure'],
    ['another curve', ['-tls1_2', '-curves', 'secp384r1'], 'handshake failure'],
    ['ecdsa with sha384 alone', ['-tls1_2', '-sigalgs', 'ECDSA+SHA384'], 'handshake failure'],
    ['another curve in TLS 1.3', ['-tls1_3', '-curves', 'secp384r1'], 'handshake failure'],
  ])('is refused with %s', async (_, args, alert) => {
    const { port } = await openEsipa();
    const seen = await sClient(port, ...args);
    expect(seen.cipher).toBe('(NONE)');
    expect(seen.alert).toBe(alert);
  });

  it('gets the default certificate for another server name', async () => {
    const { port } = await openEsipa();
    const { text } = await sClient(port, '-servername', 'nobody.example.com');
    expect(text).toContain('CN = eim.example.com');
  });
});

type Version = 'TLSv1.2' | 'TLSv1.3';

/** Two connections of one client, the second with the session of the first. */
async function secondIsResumed(port: number, maxVersion: Version): Promise<boolean> {
  const options = { host: '127.0.0.1', port, ca: CA, servername: 'eim.example.com', maxVersion } as const;
  let session: Buffer | undefined;
  await new Promise((resolve, reject) => {
    const socket = connect(options, () => (session = socket.getSession()));
    // In TLS 1.3 the ticket comes behind the handshake, before the first data.
    socket.on('session', (ticket) => (session = ticket));
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    socket.resume().on('error', reject).once('close', resolve);
  });
  return new Promise((resolve, reject) => {
    const socket = connect({ ...options, session }, () => {
      resolve(socket.isSessionReused());
      socket.end();
    });
    socket.on('error', reject);
  });
}

describe('sessions', () => {
  it.each<Version>(['TLSv1.2', 'TLSv1.3'])('of %s have a key exchange of their own', async (version) => {
    const { port } = await openEsipa();
    expect(await secondIsResumed(port, version)).toBe(false);
  });

  it.each<Version>(['TLSv1.2', 'TLSv1.3'])('of %s are resumed with the defect', async (version) => {
    const { port } = await openEsipa({ names: ['session-resumed'] });
    expect(await secondIsResumed(port, version)).toBe(true);
  });
});

describe('a brainpool certificate', () => {
  it('serves clients of that curve', async () => {
    const { privateKey } = generateEcKeyPair('brainpoolP256r1');
    const name = [['CN', 'eim.example.com']] as const;
    const der = issueCertificate(
      {
        subject: name,
        issuer: name,
        serial: Uint8Array.of(1),
        notBefore: new Date('2024-01-01'),
        notAfter: new Date('2050-01-01'),
        subjectKey: privateKey,
        extensions: [altNameExtension({ dns: ['eim.example.com'] })],
      },
      privateKey,
    );
    const { port } = await openEsipa({ identity: identityOf(parseCertificate(der), privateKey) });
    const { cipher, text } = await sClient(port, '-tls1_2', '-curves', 'brainpoolP256r1');
    expect(cipher).toBe('ECDHE-ECDSA-AES128-GCM-SHA256');
    expect(text).toContain('brainpoolP256r1');
  });
});

describe('seeded defects of TLS', () => {
  it.each([
    ['tls-1-1-accepted', ['-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0'], 'ECDHE-ECDSA-AES128-SHA'],
    ['any-curve', ['-tls1_3', '-curves', 'secp384r1'], 'TLS_AES_128_GCM_SHA256'],
    ['any-signature-algorithm', ['-tls1_2', '-sigalgs', 'ECDSA+SHA384'], 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ['tls-1-2-refused', ['-tls1_2'], '(NONE)'],
    ['tls-1-3-aes-256-only', ['-tls1_3', '-ciphersuites', 'TLS_AES_128_GCM_SHA256'], '(NONE)'],
    ['tls-1-3-aes-256-only', ['-tls1_3'], 'TLS_AES_256_GCM_SHA384'],
    ['rsa-key-exchange', ['-tls1_2', '-cipher', 'AES128-SHA256'], 'AES128-SHA256'],
    ['rsa-key-exchange', ['-tls1_2'], 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ['cbc-suite-refused', ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA256'], '(NONE)'],
  ])('%s', async (name, args, cipher) => {
    const { port } = await openEsipa({ names: [name] });
    expect((await sClient(port, ...args)).cipher).toBe(cipher);
    // What is not about the defect works still.
    expect((await ask({ port })).status).toBe(200);
  });

  it('client-certificate-requested', async () => {
    const { port } = await openEsipa({ names: ['client-certificate-requested'] });
    expect((await sClient(port, '-tls1_2')).text).toMatch(/Client Certificate Types|Requested Signature/);
    expect((await ask({ port })).status).toBe(200);
  });

  it.each([
    ['certificate-of-another-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['certificate-expired', 'CERT_HAS_EXPIRED'],
    ['certificate-without-server-auth', 'INVALID_PURPOSE'],
  ])('%s is found by a client that verifies', async (name, code) => {
    const { port } = await openEsipa({ names: [name] });
    await expect(ask({ port })).rejects.toMatchObject({ code });
  });

  it('certificate-of-another-key and certificate-key-agreement change that alone', async () => {
    const own = pki.certificate('EIM_TLS');
    const shown = async (name: string) => {
      const { port } = await openEsipa({ names: [name] });
      const der = await new Promise<Buffer>((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port, ca: CA, servername: 'eim.example.com' }, () => {
          resolve(socket.getPeerCertificate().raw);
          socket.end();
        });
        socket.on('error', reject);
      });
      return parseCertificate(new Uint8Array(der));
    };
    const otherKey = await shown('certificate-of-another-key');
    expect(Buffer.from(otherKey.spki).equals(own.spki)).toBe(false);
    expect(otherKey.keyUsage).toEqual(['digitalSignature']);
    const agreement = await shown('certificate-key-agreement');
    expect(Buffer.from(agreement.spki).equals(own.spki)).toBe(true);
    expect(agreement.keyUsage).toEqual(['keyAgreement']);
  });

  it.each([
    ['sni-picks-other-certificate', 'eim.example.com', 'CN = eim2.example.com'],
    ['sni-picks-other-certificate', 'localhost', 'CN = eim.example.com'],
    ['certificate-for-any-name', 'nobody.example.com', 'CN = nobody.example.com'],
    ['certificate-for-any-name', 'eim.example.com', 'CN = eim.example.com'],
  ])('%s: for %s a certificate of %s', async (name, servername, subject) => {
    const { port } = await openEsipa({ names: [name] });
    expect((await sClient(port, '-servername', servername)).text).toContain(subject);
  });

  it('brainpool-certificate-not-shown', async () => {
    const identity = serverIdentity({ tlsIdentity: 'EIM_TLS_BRP' }, pki);
    const good = await openEsipa({ identity });
    const both = ['-tls1_2', '-curves', 'brainpoolP256r1:prime256v1'];
    expect((await sClient(good.port, ...both)).text).toContain('brainpoolP256r1');
    const { port } = await openEsipa({ identity, names: ['brainpool-certificate-not-shown'] });
    expect((await sClient(port, ...both)).text).toContain('prime256v1');
    expect((await sClient(port, '-tls1_2', '-curves', 'brainpoolP256r1')).cipher).toBe('(NONE)');
  });

  it('certificate-without-key-usage is what the eIM was set up with', () => {
    const good = serverIdentity({}, pki);
    const { serve } = splitDefects(['certificate-without-key-usage']);
    const flawed = ownIdentity(good, pki, serve).parsed;
    expect(flawed.keyUsage).toBeUndefined();
    expect(Buffer.from(flawed.spki).equals(good.parsed.spki)).toBe(true);
    expect(ownIdentity(good, pki, NO_DEFECTS)).toBe(good);
  });

  it('plain-http-answered, beside TLS', async () => {
    const good = await openEsipa();
    await expect(ask({ port: good.port, plain: true })).rejects.toThrow();
    const { port } = await openEsipa({ names: ['plain-http-answered'] });
    expect((await ask({ port, plain: true })).status).toBe(200);
    expect((await ask({ port })).status).toBe(200);
  });

  it('leaves names of other defects to the eIM', () => {
    expect(splitDefects(['any-curve', 'skip-result-signature']).core).toEqual(['skip-result-signature']);
  });
});
