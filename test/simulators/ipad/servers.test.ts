/** What servers see of an IPAd that does not trust them, and what it does with hostile ones. */
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FactMap } from '../../../drivers/eim-contract.js';
import type { EsipaReply, ServerCertificate, TrustKind } from '../../../drivers/ipad-contract.js';
import { Ipad, socketCard } from '../../../src/simulators/ipad/index.js';
import { rawServer } from '../../support/raw-server.js';
import { Bench, FQDN, TIMINGS } from './bench.js';

async function bench(trust: TrustKind, more = {}): Promise<Bench> {
  const b = await Bench.open({ trust, options: { timings: { ...TIMINGS, retries: 0 } }, ...more });
  onTestFinished(async () => void (await b.close()));
  return b;
}

describe.each(['TLSv1.2', 'TLSv1.3'])('%s', (version) => {
  it.each<[ServerCertificate, TrustKind, string]>([
    ['bad-signature', 'ca', 'bad_certificate'],
    ['expired', 'ca', 'certificate_expired'],
    ['not-yet-valid', 'ca', 'bad_certificate'],
    ['unknown-ca', 'ca', 'unknown_ca'],
    ['self-signed', 'ca', 'unknown_ca'],
    ['other-name', 'ca', 'bad_certificate'],
    ['no-server-auth', 'ca', 'unsupported_certificate'],
    ['other-key', 'public-key', 'bad_certificate'],
    ['other-key', 'certificate', 'unknown_ca'],
    ['expired', 'public-key', 'certificate_expired'],
    ['other-name', 'public-key', 'bad_certificate'],
  ])(
    'refuses a server that is %s, trusted by its %s, with the alert %s',
    async (certificate, trust, alert) => {
      const b = await bench(trust);
      await b.eim.listener.present({ certificate, versions: [version] });
      await b.fire();
      expect(b.lines[0]).toBe('poll: ipad-esipa tls');
      await b.eim.seen('handshake-failed', 1);
      const failed = b.eim.others.find(({ kind }) => kind === 'handshake-failed');
      expect((failed?.facts['tls'] as FactMap)['alert']).toBe(alert);
      expect(b.eim.messages).toEqual([]);
    },
  );

  it.each<[ServerCertificate, TrustKind]>([
    ['good', 'ca'],
    ['good', 'public-key'],
    ['good', 'certificate'],
    ['intermediate', 'ca'],
    ['intermediate', 'intermediate-ca'],
  ])('trusts a server that is %s, by its %s', async (certificate, trust) => {
    const b = await bench(trust);
    await b.eim.listener.present({ certificate, versions: [version] });
    await b.fire();
    expect(b.lines[0]).toBe('poll: done');
    expect(b.eim.messages).toHaveLength(1);
  });
});

it('takes a brainpool certificate, by its key', async () => {
  const b = await bench('public-key');
  await b.eim.listener.present({ certificate: 'brainpool' });
  await b.fire();
  // The key that the eUICC names is the one of `good`.
  expect(b.lines[0]).toBe('poll: ipad-esipa tls');
  expect(b.eim.messages).toEqual([]);
});

it.each([{ versions: ['TLSv1.1'] }, { unofferedCipher: true }])('finds no session with %j', async (shown) => {
  const b = await bench('ca');
  await b.eim.listener.present(shown);
  await b.fire();
  expect(b.lines[0]).toBe('poll: ipad-esipa tls');
  expect(b.eim.messages).toEqual([]);
});

it('gives up a server that says nothing, in time', async () => {
  const b = await bench('ca', { options: { timings: { ...TIMINGS, retries: 1, deadlineMs: 150 } } });
  await b.eim.listener.present({ mute: true });
  await b.fire();
  expect(b.lines[0]).toBe('poll: ipad-esipa timeout');
  await b.eim.listener.present({});
  b.eim.script = () => ({ silence: true });
  await b.fire();
  expect(b.lines).toContain('poll: ipad-esipa timeout');
  expect(b.eim.messages).toHaveLength(2);
});

const ALERT_AND_MORE = Buffer.from('15030300020228', 'hex');
const HUGE_HANDSHAKE = Buffer.concat([Buffer.from('1603034000', 'hex'), Buffer.alloc(0x4000, 2)]);

it.each<[string, (socket: Socket) => void]>([
  ['closes at once', (socket) => socket.destroy()],
  ['speaks HTTP without TLS', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['sends an alert', (socket) => socket.write(ALERT_AND_MORE)],
  [
    'never ends its handshake',
    (socket) => {
      const more = (): void => {
        if (!socket.destroyed) socket.write(HUGE_HANDSHAKE, more);
      };
      more();
    },
  ],
  [
    'sends noise',
    (socket) => socket.write(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7) & 0xff))),
  ],
])('survives a server that %s', async (_, talk) => {
  const b = await bench('ca');
  const port = await rawServer(talk);
  const device = b.makeDevice({
    resolve: { [FQDN]: `127.0.0.1:${String(port)}` },
    timings: { ...TIMINGS, retries: 0, deadlineMs: 3000 },
  });
  await b.fire('poll', device);
  expect(b.lines[0]).toMatch(/^poll: ipad-esipa (tls|unreachable|timeout)$/);
});

it.each<[string, EsipaReply]>([
  ['a body without an end', { body: Buffer.alloc(3 << 20) }],
  ['a body of zeros', { body: Buffer.alloc(1000) }],
  ['an answer that is reset', { message: Buffer.alloc(1000, 0xbf), http: { cutAfter: 10 } }],
  ['a redirection', { http: { status: 302, headers: { location: 'https://elsewhere.example.com/' } } }],
  [
    'no Content-Type',
    { message: Buffer.from('BF4F03020101', 'hex'), http: { headers: { 'content-type': null } } },
  ],
])('touches nothing after %s', async (_, reply) => {
  const b = await bench('ca');
  b.eim.script = (message) => (message.startsWith('BF4F') ? reply : undefined);
  await b.fire();
  expect(b.lines.filter((line) => / es10 BF(51|30)/.test(line))).toEqual([]);
  expect(b.lines.filter((line) => line.startsWith('net') && !line.includes(' BF4F'))).toHaveLength(
    // A body that is no message is answered by an error (SGP.32 5.14.6).
    reply.body?.length === 1000 ? 1 : 0,
  );
});

it('needs no eIM to end', async () => {
  const b = await Bench.open({ alone: true });
  onTestFinished(async () => void (await b.close()));
  const ipad = new Ipad({ version: '1.2', port: socketCard({ host: '127.0.0.1', port: b.card.port }) });
  await ipad.poll();
  await ipad.close();
  expect(b.eim.messages).toEqual([]);
});
