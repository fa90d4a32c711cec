/** TLS, HTTP, JSON and Notification Receivers. */
import { listenEs9 } from '../../../drivers/es9-listener/index.js';
import type { ServerCertificate, TrustKind } from '../../../drivers/ipad-contract.js';
import { bitsOf } from '../../../src/protocol/asn1/index.js';
import { certificatePem } from '../../../src/protocol/pki/pem.js';
import { enable } from '../euicc/eim.js';
import { bytes, ICCID1, ICCID2 } from '../euicc/terminal.js';
import { FQDN, NO_PACKAGE, pki, TIMINGS, type Bench } from './bench.js';
import type { Walks } from './walks.js';

const CI = certificatePem(pki.certificate('CI_ECDSA_NIST').der);
const noRetries = { ...TIMINGS, retries: 0 };

/** One poll of a server that shows this certificate: it must not come to a message. */
const shown = (certificate: ServerCertificate, trust: TrustKind = 'ca', authorities = CI) => ({
  bench: { trust, options: { timings: noRetries, authorities } },
  go: async (b: Bench): Promise<void> => {
    await b.eim.listener.present({ certificate });
    await b.fire();
  },
});

export const SERVER_WALKS: Walks = {
  'an answer that is cut off': {
    bench: { options: { timings: noRetries } },
    go: async (b) => {
      b.eim.offer(b.eim.signer.psmos([enable(ICCID1)]));
      const whole = Buffer.concat([bytes('BF4F8184'), b.eim.signer.psmos([enable(ICCID1)])]);
      whole[3] = whole.length - 4;
      let once = true;
      b.eim.script = (m) => {
        if (!m.startsWith('BF4F') || !once) return undefined;
        once = false;
        return { message: whole, http: { cutAfter: whole.length - 20 } };
      };
      await b.fire();
    },
    shows: ['short-body-padded'],
  },
  'a pinned key': { ...shown('good', 'public-key', ''), shows: ['trusted-key-ignored'] },
  'what the IPAd offers': {
    go: async (b) => {
      await b.fire();
      await b.sessions();
    },
    shows: [
      ...[
        'server-name-not-indicated',
        'old-tls-offered',
        'tls-1-3-only',
        'cbc-suite-only',
        'null-suite-offered',
      ],
      ...[
        'tls-1-2-at-most',
        'brainpool-not-offered',
        'admin-protocol-missing',
        'user-agent-lpad',
        'request-octet-stream',
      ],
      ...['es9-path-for-esipa'],
    ],
  },
  'sessions that could be resumed': {
    go: async (b) => {
      await b.eim.listener.present({ resumption: true });
      await b.fire();
      await b.fire();
      await b.sessions();
    },
    shows: ['session-resumed'],
  },
  'an eIM that asks for a certificate': {
    go: async (b) => {
      await b.eim.listener.present({ requestClientCertificate: true });
      await b.fire();
      await b.sessions();
    },
    shows: ['client-certificate-shown'],
  },
  'an answer that is too large': {
    bench: { options: { timings: noRetries, maxBodyBytes: 100 } },
    go: async (b) => {
      b.eim.script = () => ({ message: NO_PACKAGE, http: { fillTo: 101 } });
      await b.fire();
      b.eim.script = () => ({ message: NO_PACKAGE, http: { fillTo: 100 } });
      await b.fire();
    },
    shows: ['eim-given-up-after-bad-answer'],
  },
  'a signature that does not fit': { ...shown('bad-signature'), shows: ['certificate-signature-unchecked'] },
  'an expired certificate': { ...shown('expired'), shows: ['expiry-unchecked'] },
  'a certificate of tomorrow': { ...shown('not-yet-valid'), shows: ['not-before-unchecked'] },
  'a CA that nobody trusts': { ...shown('unknown-ca'), shows: ['any-issuer-accepted'] },
  'another key': { ...shown('other-key', 'public-key'), shows: ['pinned-key-unchecked'] },
  'the key that it was told': { ...shown('unknown-ca', 'public-key'), shows: ['trusted-key-ignored'] },
  'another name': { ...shown('other-name'), shows: ['server-name-unchecked'] },
  'no server': { ...shown('no-server-auth'), shows: ['server-auth-unchecked'] },
  'a certificate of its own making': { ...shown('self-signed'), shows: ['self-signed-accepted'] },
  'the very certificate': { ...shown('good', 'certificate'), shows: ['pinned-leaf-refused'] },
  'a CA in the middle': {
    ...shown('intermediate', 'intermediate-ca'),
    shows: ['intermediate-anchor-refused'],
  },
  'refusals of HTTP': {
    go: async (b) => {
      for (const reply of [
        { http: { status: 500 } },
        { http: { status: 503 }, message: NO_PACKAGE },
        { http: { status: 404 }, message: NO_PACKAGE },
      ]) {
        b.eim.script = () => reply;
        await b.fire();
      }
      // The body of a refusal holds a package.
      const offered = Buffer.concat([bytes('BF4F81'), Buffer.of(0x00)]);
      const pack = b.eim.signer.psmos([enable(ICCID1)]);
      offered[3] = pack.length;
      b.eim.script = (m) =>
        m.startsWith('BF4F') ? { http: { status: 404 }, message: Buffer.concat([offered, pack]) } : undefined;
      await b.fire();
    },
    shows: ['not-found-retried', 'server-error-not-retried', 'http-status-ignored', 'retries-without-end'],
  },
  'answers of another type': {
    go: async (b) => {
      const offered = Buffer.concat([bytes('BF4F81'), Buffer.of(0x00)]);
      const pack = b.eim.signer.psmos([enable(ICCID1)]);
      offered[3] = pack.length;
      let once = true;
      b.eim.script = (m) => {
        if (!m.startsWith('BF4F') || !once) return undefined;
        once = false;
        const http = { headers: { 'content-type': 'text/html' } };
        return { message: Buffer.concat([offered, pack]), http };
      };
      await b.fire();
    },
    shows: ['answer-type-unchecked'],
  },
  'an eIM that hangs up': {
    bench: { options: { timings: { ...TIMINGS, retryDelayMs: 400, maxRetryDelayMs: 400, retries: 1 } } },
    go: async (b) => {
      b.eim.script = () => ({ close: true });
      const start = Date.now();
      await b.fire();
      b.say('waited', Date.now() - start >= 400);
    },
    shows: ['never-retried', 'no-back-off'],
  },
  'Notifications through the eIM': {
    go: async (b) => {
      await b.card.inspect(b.eim.signer.psmos([enable(ICCID1)]));
      await b.card.inspect(bytes('BF3003800102'));
      await b.fire();
      b.say('left', (await b.card.inspect(bytes('BF2B00'))).data.length);
    },
    shows: ['no-content-as-failure'],
  },
  'the JSON binding': {
    bench: { options: { binding: 'json' } },
    go: async (b) => {
      b.eim.offer(b.eim.signer.psmos([enable(ICCID1)]));
      b.eim.script = (m) => (m.startsWith('BF50') ? { message: bytes('BF5003020102') } : undefined);
      await b.fire();
      b.eim.script = () => undefined;
      await b.fire();
    },
    shows: ['json-request-header', 'json-on-asn1-path', 'json-request-as-text'],
  },
  'JSON that says no': {
    bench: { options: { binding: 'json' } },
    go: async (b) => {
      await b.card.inspect(b.eim.signer.psmos([enable(ICCID1)]));
      await b.card.inspect(bytes('BF3003800102'));
      const body = JSON.stringify({ header: { functionExecutionStatus: { status: 'Failed' } } });
      b.eim.script = (m) => (m.startsWith('BF3D') ? { body: Buffer.from(body), http: JSON_OK } : undefined);
      await b.fire();
      b.say('left', (await b.card.inspect(bytes('BF2B00'))).data.length);
    },
    shows: ['json-status-ignored'],
  },
  'Notification Receivers': {
    bench: { options: { notifications: 'direct', authorities: CI, timings: noRetries } },
    go: async (b) => {
      const receiver = await receiverOf();
      b.atEnd(() => receiver.close());
      const resolve = {
        [FQDN]: `127.0.0.1:${String(b.eim.port)}`,
        'testsmdpplus1.example.com': receiver.address,
        'smdp2.example.com': '127.0.0.1:1',
      };
      const device = b.makeDevice({ resolve });
      for (const iccid of ['8929901023456789019', '8929901034567890125'])
        await b.card.personalise({
          action: 'install-profile',
          parameters: { iccid, notificationConfigurationInfo: TO_ANOTHER },
        });
      await b.card.inspect(b.eim.signer.psmos([enable(ICCID2)]));
      await b.card.inspect(b.eim.signer.psmos([enable(ICCID1)]));
      await b.fire('poll', device);
      for (
        let n = await receiver.next(() => true, 0);
        n !== undefined;
        n = await receiver.next(() => true, 0)
      )
        b.say('receiver', n.data.length);
      b.say('left', (await b.card.inspect(bytes('BF2B00'))).data.length);
      receiver.setState('refusing', () => true);
      b.eim.offer(b.eim.signer.psmos([enable(ICCID2)]));
      await b.fire('poll', device);
      b.say('left', (await b.card.inspect(bytes('BF2B00'))).data.length);
    },
    shows: ['one-receiver-stops-all', 'undelivered-notification-removed', 'receiver-status-ignored'],
  },
  'an eIM that is named by its eimId': {
    bench: {
      configuration: { eimId: FQDN, eimIdType: 2, eimFqdn: undefined },
    },
    go: async (b) => {
      await b.fire();
    },
    shows: ['eim-id-not-taken-as-host'],
  },
  'an eIM of another protocol': {
    bench: { configuration: { eimSupportedProtocol: bitsOf([2]) } },
    go: async (b) => {
      await b.fire();
    },
    shows: ['supported-protocol-ignored'],
  },
};

const JSON_OK = { headers: { 'content-type': 'application/json;charset=UTF-8' } };

const TO_ANOTHER = [
  {
    profileManagementOperation: ['notificationEnable', 'notificationDisable'],
    notificationAddress: 'smdp2.example.com',
  },
];

const receiverOf = () => {
  const { certificate, privateKey } = pki.identity('S_SM_DP_TLS');
  return listenEs9({
    host: '127.0.0.1',
    port: 0,
    tls: {
      certificate: certificatePem(certificate.der),
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  });
};
