/** What a listener over DTLS shows, and foreign clients of CoAP and DTLS. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FactMap } from '../../../drivers/eim-contract.js';
import type { EsipaListener, ServerCertificate } from '../../../drivers/ipad-contract.js';
import { certificatePem } from '../../../src/protocol/pki/pem.js';
import { pattern } from '../../transport/coap/channels.js';
import { openssl, type OpensslRun } from '../../transport/dtls/openssl-tool.js';
import { describeWith, run } from '../../support/tools.js';
import { ask, COAP, coapClient, dtls, sharedListener } from './coap-support.js';
import { arrival, CI, CI_BRP, message, NAME, NO_PACKAGE, open, portOf } from './support.js';

const shared = sharedListener();
const REFUSED: readonly (readonly [ServerCertificate, string])[] = [
  ['bad-signature', 'decrypt_error'],
  ['expired', 'certificate_expired'],
  ['not-yet-valid', 'bad_certificate'],
  ['unknown-ca', 'unknown_ca'],
  ['other-name', 'bad_certificate'],
  ['no-server-auth', 'unsupported_certificate'],
  ['self-signed', 'unknown_ca'],
];

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-listener-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function caFile(pem: string): string {
  const file = join(temporary(), 'ca.pem');
  writeFileSync(file, pem);
  return file;
}

describe('certificates', () => {
  it.each(REFUSED)('%s is refused with %s', async (certificate, alert) => {
    const listener = await shared();
    await listener.present({ certificate });
    await expect(dtls(listener)).rejects.toMatchObject({ code: 'dtls-certificate' });
    const { facts, events } = await arrival(listener, 'handshake-failed');
    expect(facts).toMatchObject({
      tls: { alert, servername: NAME, versionsOffered: ['DTLSv1.2'], cookieExchanged: 'true' },
      connection: { requests: '0', end: 'closed' },
    });
    expect((facts['tls'] as FactMap)['reason']).toMatch(/alert/);
    expect(events[0]!.bytes!.length).toBeGreaterThan(60);
  });

  it.each(['good', 'intermediate', 'other-key'] as const)('%s is accepted', async (certificate) => {
    const listener = await shared();
    await listener.present({ certificate });
    await dtls(listener);
    await arrival(listener, 'session', []);
  });

  it('the pinned key and the pinned certificate, the intermediate CA, and the curve', async () => {
    const listener = await shared();
    await dtls(listener, { trust: { pinnedSpki: listener.trustAnchor('public-key') } });
    await dtls(listener, { trust: { pinnedCertificate: listener.trustAnchor('certificate') } });
    await listener.present({ certificate: 'other-key' });
    await expect(
      dtls(listener, { trust: { pinnedSpki: listener.trustAnchor('public-key') } }),
    ).rejects.toMatchObject({ code: 'dtls-certificate' });
    await listener.present({ certificate: 'intermediate' });
    await dtls(listener, { trust: { ca: certificatePem(listener.trustAnchor('intermediate-ca')) } });
    await listener.present({ certificate: 'brainpool' });
    const connection = await dtls(listener, { trust: { ca: CI_BRP }, groups: ['brainpoolP256r1'] });
    expect(connection.facts.group).toBe('brainpoolP256r1');
  });
});

describe('versions, suites, and the rest', () => {
  it('DTLS 1.0 only', async () => {
    const listener = await shared();
    await listener.present({ versions: ['DTLSv1'] });
    const ciphers = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA'];
    await expect(dtls(listener, { ciphers })).rejects.toMatchObject({ code: 'dtls-handshake' });
    expect((await arrival(listener, 'handshake-failed')).facts).toMatchObject({
      tls: { alert: 'protocol_version' },
    });
    await dtls(listener, { versions: ['DTLSv1'] });
    expect((await arrival(listener, 'session')).facts).toMatchObject({ tls: { version: 'DTLSv1' } });
  });

  it('suites, and the alert that goes out', async () => {
    const listener = await shared();
    await listener.present({ ciphers: ['ECDHE-ECDSA-AES128-CCM8'] });
    await dtls(listener);
    expect((await arrival(listener, 'session')).facts).toMatchObject({
      tls: { cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8' },
    });
    await expect(dtls(listener, { ciphers: ['ECDHE-ECDSA-AES128-SHA256'] })).rejects.toThrow();
    expect((await arrival(listener, 'handshake-failed')).facts).toMatchObject({
      tls: { alertSent: 'handshake_failure' },
    });
  });

  it('without cookies, and with a CertificateRequest', async () => {
    const listener = await shared();
    await listener.present({ cookies: false, requestClientCertificate: true });
    const { certificate, privateKey } = COAP.pki.identity('EIM2_TLS');
    const credentials = {
      certificate: certificatePem(certificate.der),
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
    const connection = await dtls(listener, { credentials });
    expect(connection.facts).toMatchObject({ cookieExchanged: false, certificateRequested: true });
    expect((await arrival(listener, 'session')).facts).toMatchObject({
      tls: { cookieExchanged: 'false', clientCertificate: 'true' },
    });
  });

  it.each([
    { versions: ['TLSv1.2'] },
    { versions: [] },
    { ciphers: ['no-such-suite'] },
    { unofferedCipher: true },
  ])('what can not be shown changes nothing: %o', async (presentation) => {
    const listener = await shared();
    await expect(listener.present(presentation)).rejects.toMatchObject({ code: 'listener-presentation' });
    await dtls(listener);
  });
});

describe('being there', () => {
  it('mute: each hello is told, and nothing is said', async () => {
    const listener = await shared();
    const before = await coapClient(listener);
    const unanswered = ask(before);
    await message(listener);
    await listener.present({ mute: true });
    expect((await unanswered).code).toBe('5.03');
    await expect(ask(before)).rejects.toMatchObject({ code: 'coap-closed' });
    await expect(dtls(listener, { handshakeTimeoutMs: 200 })).rejects.toMatchObject({
      code: 'dtls-timeout',
      actual: 'no answer at all',
    });
    const failed = await arrival(listener, 'handshake-failed', []);
    expect(failed.facts).toMatchObject({ tls: { servername: NAME }, connection: { end: 'closed' } });
  });

  it('down: the port is closed, until the next presentation', async () => {
    const listener = await open({ ...COAP });
    const { address } = listener;
    await dtls(listener);
    await listener.present({ down: true });
    await expect(dtls(listener)).rejects.toMatchObject({
      code: 'dtls-handshake',
      systemCode: 'ECONNREFUSED',
    });
    await listener.present({});
    expect(listener.address).toBe(address);
    await dtls(listener);
    const kinds = [await listener.next(5000), await listener.next(5000)].map((one) => one?.kind);
    expect(kinds).toEqual(['session', 'session']);
  });

  it('a port that is taken is told', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    onTestFinished(() => void socket.close());
    await expect(open({ ...COAP, port: socket.address().port })).rejects.toMatchObject({
      code: 'communication',
    });
  });
});

describeWith('openssl', 'openssl s_client', () => {
  const client = (listener: EsipaListener, ...others: string[]): OpensslRun =>
    openssl(
      ...['s_client', '-dtls1_2', '-connect', `127.0.0.1:${portOf(listener)}`, '-servername', NAME],
      ...['-CAfile', caFile(CI), '-verify', '5', '-verify_return_error', '-verify_hostname', NAME],
      ...others,
    );

  it('refuses what it does not trust, and resumes where it may', async () => {
    const listener = await shared();
    await listener.present({ certificate: 'other-name' });
    client(listener);
    expect((await arrival(listener, 'handshake-failed')).facts).toMatchObject({
      tls: { alert: 'bad_certificate' },
    });
    await listener.present({ resumption: true });
    const file = join(temporary(), 'session.pem');
    const first = client(listener, '-sess_out', file);
    await first.shows('Verify return code');
    first.type('Q');
    await first.ended();
    expect((await arrival(listener, 'session')).facts).toMatchObject({
      tls: { resumed: 'false', resumptionOffered: 'false' },
    });
    client(listener, '-sess_in', file);
    expect((await arrival(listener, 'session')).facts).toMatchObject({
      tls: { resumed: 'true', resumptionOffered: 'true' },
    });
  });
});

describeWith('libcoap', 'coap-client', () => {
  const LIBRARIES = ['openssl', 'gnutls'] as const;
  const BODY = pattern(3000);

  /** Posts BODY in blocks, and writes what it gets to a file. */
  function post(
    listener: EsipaListener,
    library: string,
    ...others: string[]
  ): { got: Promise<string>; output: string } {
    const [input, output] = [join(temporary(), 'in'), join(temporary(), 'out')];
    writeFileSync(input, BODY);
    writeFileSync(output, '');
    const ended = run(`coap-client-${library}`, [
      ...['-m', 'post', '-t', '42', '-b', '512', '-f', input, '-o', output, '-B', '10', '-C', caFile(CI)],
      ...others,
      `coaps://127.0.0.1:${portOf(listener)}/gsma/rsp2/asn1`,
    ]);
    return { got: ended.then(({ stderr, stdout }) => `${stderr}${stdout.toString()}`), output };
  }

  it.each(LIBRARIES)('sends and fetches in blocks, %s', async (library) => {
    const listener = await shared();
    const { got, output } = post(listener, library);
    const arrived = await message(listener);
    expect(Buffer.from(arrived.data).equals(BODY)).toBe(true);
    expect(arrived.facts['coap']).toMatchObject({ blocks: '6', type: 'CON', contentFormat: '42' });
    const outcome = await arrived.reply({ body: BODY, coap: { blockSize: 64, separate: true } });
    expect(await got).toBe('');
    expect(readFileSync(output).equals(BODY)).toBe(true);
    expect(outcome.facts['coap']).toMatchObject({ blocks: '47', complete: 'true', acknowledged: 'true' });
  });

  it.each(LIBRARIES)('sends again what was lost, %s', async (library) => {
    const listener = await shared();
    const { got, output } = post(listener, library);
    const outcome = await (await message(listener)).reply({ message: NO_PACKAGE, coap: { loseFirst: true } });
    expect(outcome.facts['coap']).toMatchObject({ retransmissions: '1' });
    expect(await got).toBe('');
    expect(readFileSync(output)).toHaveLength(NO_PACKAGE.length);
  });

  it('shows codes, and ends on RST', async () => {
    const listener = await shared();
    const late = post(listener, 'openssl');
    await (await message(listener)).reply({ coap: { code: '5.03', options: [{ number: 14, value: '05' }] } });
    expect(await late.got).toContain('5.03');
    const reset = post(listener, 'openssl');
    await (await message(listener)).reply({ coap: { reset: true } });
    await reset.got;
    expect(readFileSync(reset.output)).toHaveLength(0);
  });
});
