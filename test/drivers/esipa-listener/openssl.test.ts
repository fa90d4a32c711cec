/** OpenSSL's own client: what it refuses, and with which alert. */
import { expect, it, onTestFinished } from 'vitest';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FactMap } from '../../../drivers/eim-contract.js';
import type { EsipaListener, ServerCertificate } from '../../../drivers/ipad-contract.js';
import { openssl, type OpensslRun } from '../../transport/dtls/openssl-tool.js';
import { describeWith } from '../../support/tools.js';
import { arrival, CI, CI_BRP, GET_EIM_PACKAGE, hex, message, NAME, NO_PACKAGE, open } from './support.js';

function caFile(pem: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-listener-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, pem);
  return file;
}

/** Judges the certificate within the handshake, as an IPAd must. */
function client(listener: EsipaListener, ca: string, ...others: string[]): OpensslRun {
  return openssl(
    ...['s_client', '-connect', listener.address, '-servername', NAME, '-CAfile', caFile(ca)],
    ...['-verify', '5', '-verify_return_error', '-verify_hostname', NAME, '-purpose', 'sslserver'],
    ...others,
  );
}

const REFUSED: readonly (readonly [ServerCertificate, string])[] = [
  ['bad-signature', 'decrypt_error'],
  ['expired', 'certificate_expired'],
  ['not-yet-valid', 'bad_certificate'],
  ['unknown-ca', 'unknown_ca'],
  ['other-name', 'bad_certificate'],
  ['no-server-auth', 'unsupported_certificate'],
  ['self-signed', 'unknown_ca'],
];

describeWith('openssl', 'openssl s_client', () => {
  it.each(
    REFUSED.flatMap(
      ([certificate, alert]) =>
        [
          [certificate, alert, '-tls1_2'],
          [certificate, alert, '-tls1_3'],
        ] as const,
    ),
  )('refuses %s with the alert %s (%s)', async (certificate, alert, version) => {
    const listener = await open();
    await listener.present({ certificate });
    client(listener, CI, version);
    const { facts, events } = await arrival(listener, 'handshake-failed');
    expect(facts).toMatchObject({ tls: { alert, servername: NAME }, connection: { requests: '0' } });
    expect(events[0]!.text).toContain(`"alert":"${alert}"`);
  });

  it.each(['good', 'intermediate', 'other-key'] as const)('takes %s', async (certificate) => {
    const listener = await open();
    await listener.present({ certificate });
    client(listener, CI);
    await arrival(listener, 'session', []);
  });

  it('takes brainpool under the CI on that curve, with TLS 1.2', async () => {
    const listener = await open();
    await listener.present({ certificate: 'brainpool' });
    client(listener, CI_BRP, '-curves', 'brainpoolP256r1:prime256v1');
    expect((await arrival(listener, 'session', [])).facts).toMatchObject({
      tls: { version: 'TLSv1.2', group: 'brainpoolP256r1' },
    });
  });

  it('speaks TLS 1.1 when that is all there is', async () => {
    const listener = await open();
    await listener.present({ versions: ['TLSv1.1'] });
    client(listener, CI, '-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0');
    expect((await arrival(listener, 'session', [])).facts).toMatchObject({
      tls: {
        version: 'TLSv1.1',
        versionsOffered: ['TLSv1.1'],
        cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
      },
    });
  });

  it('posts a message, and gets its answer', async () => {
    const listener = await open();
    const run = client(listener, CI, '-quiet');
    await arrival(listener, 'session', []);
    const head = `POST /gsma/rsp2/asn1 HTTP/1.1\r\nHost: ${NAME}\r\nContent-Length: 21\r\n\r\n`;
    run.write(Buffer.concat([Buffer.from(head), GET_EIM_PACKAGE]));
    const arrived = await message(listener);
    expect(hex(arrived.data)).toBe(hex(GET_EIM_PACKAGE));
    await arrived.reply({ message: NO_PACKAGE });
    await run.shows('HTTP/1.1 200 OK');
    const tls = arrived.facts['tls'] as FactMap;
    expect(tls['signatureAlgorithmsOffered']).toContain('ECDSA+SHA256');
  });
});
