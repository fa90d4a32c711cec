/** CoAP and DTLS. */
import { createPrivateKey } from 'node:crypto';
import { bitsOf } from '../../../src/protocol/asn1/index.js';
import { encodeMessage, option } from '../../../src/transport/coap/index.js';
import { issueServer } from '../../transport/dtls/support.js';
import { disable, enable } from '../euicc/eim.js';
import { bytes, hex, ICCID1, ICCID5 } from '../euicc/terminal.js';
import { FQDN, NO_PACKAGE, pki, TIMINGS, type Bench, type BenchOptions } from './bench.js';
import { CoapEim, ok, reset, type CoapEimOptions } from './coap-eim.js';
import type { Walk, Walks } from './walks.js';

interface CoapWalk {
  readonly eim?: Partial<CoapEimOptions>;
  readonly timings?: Partial<typeof TIMINGS>;
  readonly bench?: BenchOptions;
  readonly go: (b: Bench, eim: CoapEim, poll: () => Promise<void>) => Promise<void>;
  readonly shows: readonly string[];
}

const coap = ({ eim: options = {}, timings = {}, bench = {}, go, shows }: CoapWalk): Walk => ({
  bench: {
    configuration: { eimSupportedProtocol: bitsOf([1]) },
    ...bench,
  },
  async go(b) {
    const eim = await CoapEim.open({ say: (line) => b.net.push(line), ...options });
    b.atEnd(() => eim.close());
    const device = b.makeDevice({
      resolve: { [FQDN]: `127.0.0.1:${String(eim.port)}` },
      timings: { ...TIMINGS, ...timings },
    });
    await go(b, eim, () => b.fire('poll', device));
  },
  shows,
});

/** A package of more than one block; its operations end at the second. */
const large = (b: Bench): Uint8Array =>
  b.eim.signer.psmos([enable(ICCID1), ...Array.from({ length: 200 }, () => disable(ICCID5))]);

const EXPIRED = issueServer('P-256', { notAfter: new Date('2021-01-01T00:00:00Z') });
const OTHER_KEY = { trustedEimPkTls: pki.certificate('EIM2_TLS').spki };

export const COAP_WALKS: Walks = {
  'two polls over CoAP': coap({
    eim: { dtls: { resumption: true } },
    go: async (b, eim, poll) => {
      await poll();
      await poll();
      b.say('sessions', eim.sessions);
      b.say('resumed', eim.resumed);
    },
    shows: [
      ...['coap-path-of-its-own', 'coap-request-as-json', 'coap-request-without-format', 'dtls-session-kept'],
      'dtls-session-resumed',
    ],
  }),
  'a large package and a large result': coap({
    go: async (b, eim, poll) => {
      eim.packages.push(large(b));
      await poll();
    },
    shows: ['coap-one-block-sent', 'coap-first-block-only'],
  }),
  'a block that is missing': coap({
    timings: { retries: 0 },
    go: async (b, eim, poll) => {
      eim.packages.push(large(b));
      let nth = 0;
      eim.wire = (message) => {
        const block = message.options.some(({ number }) => number === option('Block2', 0).number);
        if (!block || ++nth !== 2) return undefined;
        return encodeMessage({ ...message, code: '4.08', options: [], payload: bytes('') });
      };
      await poll();
    },
    shows: ['coap-missing-block-skipped'],
  }),
  'an answer that gets lost': coap({
    timings: { ackTimeoutMs: 50, deadlineMs: 2000, retries: 0 },
    go: async (b, eim, poll) => {
      let lost = 0;
      eim.wire = (message) => (message.type === 'CON' || lost++ > 0 ? undefined : 'drop');
      await poll();
    },
    shows: ['coap-non-confirmable', 'coap-new-id-in-retransmission'],
  }),
  'separate answers': coap({
    eim: { separate: true },
    go: async (b, eim, poll) => {
      eim.packages.push(b.eim.signer.psmos([enable(ICCID1)]));
      await poll();
      b.say('left', hex((await b.card.inspect(bytes('BF2B04A0028200'))).data));
    },
    shows: ['coap-acknowledgement-as-answer'],
  }),
  'refusals of CoAP': coap({
    go: async (b, eim, poll) => {
      eim.script = () => ({ ...ok(NO_PACKAGE), code: '4.04' });
      await poll();
      eim.script = () => ({ code: '5.00' });
      await poll();
    },
    shows: ['coap-code-ignored', 'coap-client-error-repeated'],
  }),
  'an eIM that is busy': coap({
    timings: { retries: 1 },
    go: async (b, eim, poll) => {
      eim.wire = (message) =>
        encodeMessage({ ...message, code: '5.03', options: [option('Max-Age', 1)], payload: bytes('') });
      const start = Date.now();
      await poll();
      b.say('waited', Date.now() - start >= 1000);
    },
    shows: ['coap-max-age-ignored'],
  }),
  'a message that is reset': coap({
    go: async (b, eim, poll) => {
      eim.wire = (message) => (message.type === 'ACK' ? reset(message.messageId) : 'drop');
      await poll();
    },
    shows: ['coap-reset-repeated'],
  }),
  'a message that is reset, and the wait for another answer': coap({
    timings: { ackTimeoutMs: 50, deadlineMs: 400, retries: 0 },
    go: async (b, eim, poll) => {
      eim.wire = (message) => (message.type === 'ACK' ? reset(message.messageId) : 'drop');
      await poll();
    },
    shows: ['coap-reset-unknown'],
  }),
  'an eIM that asks for a cookie': coap({
    timings: { deadlineMs: 400, retries: 0 },
    go: async (b, eim, poll) => {
      await poll();
      b.say('sessions', eim.sessions);
    },
    shows: ['dtls-cookie-not-returned'],
  }),
  'an answer of another format': coap({
    go: async (b, eim, poll) => {
      eim.script = () => ({ ...ok(NO_PACKAGE), contentFormat: 50 });
      await poll();
    },
    shows: ['coap-answer-format-unchecked'],
  }),
  'a server of DTLS 1.0': coap({
    eim: { dtls: { versions: ['DTLSv1'] } },
    go: async (b, eim, poll) => {
      await poll();
      b.say('sessions', eim.sessions);
    },
    shows: ['dtls-1-0-offered'],
  }),
  'a server that encrypts nothing': coap({
    eim: { dtls: { ciphers: ['ECDHE-ECDSA-NULL-SHA'] } },
    go: async (b, eim, poll) => {
      await poll();
      b.say('sessions', eim.sessions);
    },
    shows: ['dtls-null-suite-offered'],
  }),
  'a certificate that has expired': coap({
    eim: { certificate: EXPIRED.certificate, key: createPrivateKey(EXPIRED.privateKey) },
    bench: {
      configuration: {
        eimSupportedProtocol: bitsOf([1]),
        trustedPublicKeyDataTls: { trustedCertificateTls: pki.certificate('CI_ECDSA_NIST').der },
      },
    },
    go: async (b, eim, poll) => {
      await poll();
    },
    shows: ['dtls-expiry-unchecked'],
  }),
  'a key that nobody trusts': coap({
    bench: {
      configuration: { eimSupportedProtocol: bitsOf([1]), trustedPublicKeyDataTls: OTHER_KEY },
    },
    go: async (b, eim, poll) => {
      await poll();
    },
    shows: ['dtls-certificate-unchecked', 'dtls-pinned-key-unchecked'],
  }),
};
