import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../../support/tools.js';
import { openssl, opensslServer } from './openssl-tool.js';
import { client, echoServer, HOST, issueServer, messagesOf, pem, pemPath, PSK } from './support.js';

const IDENTITY = ['-cert', pemPath('CERT_EIM_TLS'), '-key', pemPath('SK_EIM_TLS')];
/** In what `-msg` prints, which for DTLS has no names: a handshake message of type 3 that came. */
const HELLO_VERIFY_REQUEST_IN = /<<< .*\n\s+03 00 00 /;
const SHARED = ['-psk', PSK.key.toString('hex')];

/** The certificate and key as files that openssl reads. */
function files(credentials: { certificate: string; privateKey: string }): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-dtls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  writeFileSync(certificate, credentials.certificate);
  writeFileSync(key, credentials.privateKey);
  return ['-cert', certificate, '-key', key];
}

describeWith('openssl', 'our client with openssl s_server', () => {
  it.each([['ECDHE-ECDSA-AES128-GCM-SHA256'], ['ECDHE-ECDSA-AES128-CCM8'], ['ECDHE-ECDSA-AES128-SHA256']])(
    'by certificate with %s',
    async (cipher) => {
      const server = await opensslServer('-dtls1_2', ...IDENTITY, '-cipher', `${cipher}:@SECLEVEL=0`);
      const connection = await client(server.port);
      expect(connection.facts).toMatchObject({
        version: 'DTLSv1.2',
        cipher,
        group: 'prime256v1',
        certificateRequested: false,
        cookieExchanged: true,
      });
      const messages = messagesOf(connection);
      await connection.send(Buffer.from('from us\n'));
      await server.shows('from us');
      server.type('from openssl');
      expect(await messages.next()).toBe('from openssl\n');
      await connection.close();
      // close_notify.
      await server.shows(/<<< .*\[length 0002\].*\n\s+01 00/);
    },
  );

  it('sees the CertificateRequest', async () => {
    const server = await opensslServer('-dtls1_2', ...IDENTITY, '-verify', '1');
    const connection = await client(server.port);
    expect(connection.facts).toMatchObject({ certificateRequested: true });
  });

  it('on brainpoolP256r1', async () => {
    const server = await opensslServer(
      '-dtls1_2',
      ...files(issueServer('brainpoolP256r1')),
      '-named_curve',
      'brainpoolP256r1',
    );
    const connection = await client(server.port, { trust: { ca: pem('CERT_CI_ECDSA_BRP') } });
    expect(connection.facts).toMatchObject({ version: 'DTLSv1.2', group: 'brainpoolP256r1' });
  });

  it('by pre-shared key', async () => {
    const server = await opensslServer(
      '-dtls1_2',
      '-nocert',
      ...SHARED,
      '-psk_identity',
      PSK.identity,
      '-psk_hint',
      'hint',
      '-cipher',
      'PSK-AES128-CCM8:@SECLEVEL=0',
    );
    const connection = await client(server.port, { credentials: { psk: PSK }, trust: {} });
    expect(connection.facts).toMatchObject({ cipher: 'PSK-AES128-CCM8', chain: [] });
    await connection.send(Buffer.from('keyed\n'));
    await server.shows('keyed');
  });

  it('over DTLS 1.0, when told so', async () => {
    const server = await opensslServer('-dtls1', ...IDENTITY, '-cipher', 'ALL:@SECLEVEL=0');
    const connection = await client(server.port, { versions: ['DTLSv1'] });
    expect(connection.facts).toMatchObject({ version: 'DTLSv1', cipher: 'ECDHE-ECDSA-AES128-SHA' });
  });

  it('that knows DTLS 1.0 only, and is refused', async () => {
    const server = await opensslServer('-dtls1', ...IDENTITY, '-cipher', 'ALL:@SECLEVEL=0');
    await expect(client(server.port)).rejects.toMatchObject({ code: 'dtls-handshake' });
  });

  it('tells it of a refused certificate', async () => {
    const server = await opensslServer('-dtls1_2', ...IDENTITY);
    await expect(client(server.port, { trust: { ca: pem('CERT_CI_ECDSA_BRP') } })).rejects.toMatchObject({
      code: 'dtls-certificate',
    });
    // fatal, unknown_ca.
    await server.shows(/<<< .*\[length 0002\].*\n\s+02 30/);
  });
});

describeWith('openssl', 'our server with openssl s_client', () => {
  const connect = (port: number, ...parameters: string[]): ReturnType<typeof openssl> =>
    openssl('s_client', '-dtls1_2', '-connect', `${HOST}:${port}`, '-msg', ...parameters);

  it.each([['ECDHE-ECDSA-AES128-GCM-SHA256'], ['ECDHE-ECDSA-AES128-CCM8'], ['ECDHE-ECDSA-AES128-SHA256']])(
    'by certificate with %s, after a HelloVerifyRequest',
    async (cipher) => {
      const server = await echoServer();
      const peer = connect(
        server.port,
        '-CAfile',
        pemPath('CERT_CI_ECDSA_NIST'),
        '-verify_return_error',
        '-verify_hostname',
        'eim.example.com',
        '-cipher',
        `${cipher}:@SECLEVEL=0`,
      );
      await peer.shows('Verify return code: 0 (ok)');
      expect(peer.output()).toMatch(HELLO_VERIFY_REQUEST_IN);
      peer.type('echo of openssl');
      await peer.shows(/^echo of openssl$/m);
      expect(server.messages).toEqual(['echo of openssl\n']);
      expect(server.sessions[0]?.facts).toMatchObject({ cipher, cookieExchanged: true });
      await server.close();
      await peer.shows('closed');
    },
  );

  it('on brainpoolP256r1', async () => {
    const server = await echoServer({ credentials: issueServer('brainpoolP256r1') });
    const trusted = pemPath('CERT_CI_ECDSA_BRP');
    const peer = connect(server.port, '-CAfile', trusted, '-groups', 'brainpoolP256r1');
    await peer.shows('Verify return code: 0 (ok)');
    peer.type('on a curve');
    await peer.shows(/^on a curve$/m);
    expect(server.sessions[0]?.facts.group).toBe('brainpoolP256r1');
  });

  it('by pre-shared key', async () => {
    const server = await echoServer({ credentials: { psk: PSK } });
    const peer = connect(
      server.port,
      ...SHARED,
      '-psk_identity',
      PSK.identity,
      '-cipher',
      'PSK-AES128-CCM8:@SECLEVEL=0',
    );
    await peer.shows('PSK-AES128-CCM8');
    peer.type('shared');
    await peer.shows(/^shared$/m);
    expect(peer.output()).toMatch(HELLO_VERIFY_REQUEST_IN);
    expect(server.sessions[0]?.facts.pskIdentity).toBe(PSK.identity);
  });

  it('asks for a certificate and gets it', async () => {
    const server = await echoServer({ requestCertificate: true });
    const peer = connect(server.port, ...files(issueServer('P-256', { purpose: '1.3.6.1.5.5.7.3.2' })));
    await peer.shows('Verify return code');
    peer.type('me');
    await peer.shows(/^me$/m);
    expect(server.sessions[0]?.facts.chain).toHaveLength(1);
  });

  it('refuses DTLS 1.0 with protocol_version', async () => {
    const server = await echoServer();
    const peer = openssl(
      ...['s_client', '-dtls1', '-connect', `${HOST}:${server.port}`, '-msg', '-cipher', 'ALL:@SECLEVEL=0'],
    );
    // fatal, protocol_version.
    await peer.shows(/<<< .*\[length 0002\].*\n\s+02 46/);
    await peer.ended();
    expect(server.sessions).toEqual([]);
  });
});
