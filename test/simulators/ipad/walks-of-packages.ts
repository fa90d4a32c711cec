/** Retrieval, eUICC Packages and their results, data requests. */
import { bitsOf, encode, tlv } from '../../../src/protocol/asn1/index.js';
import { IpaEuiccDataRequest } from '../../../src/protocol/types/eim-package.js';
import { disable, enable } from '../euicc/eim.js';
import { bytes, hex, ICCID1, ICCID2 } from '../euicc/terminal.js';
import { acknowledging, pki, type Bench } from './bench.js';
import type { Walks } from './walks.js';

const RPLMN = bytes('62F210');
/** What the identifier of the brainpool CI begins with. */
const CI_START = bytes(pki.certificate('CI_ECDSA_BRP').skiHex?.slice(0, 8) ?? '');

const dataRequest = (tagList: string, more: Partial<IpaEuiccDataRequest> = {}): Uint8Array =>
  encode(IpaEuiccDataRequest, { tagList: bytes(tagList), eimTransactionId: bytes('A1B2'), ...more });

const TRIGGER = tlv(0xbf54, bytes('A00F800D31244578616D706C652E63244282020102'));

/** Three Notifications and a result wait in the eUICC: as after a crash. */
async function leftovers(b: Bench): Promise<void> {
  await b.card.inspect(b.eim.signer.psmos([enable(ICCID1)]));
  await b.card.inspect(b.eim.signer.psmos([enable(ICCID2)]));
}

export const PACKAGE_WALKS: Walks = {
  'two polls without a package': {
    bench: { options: { rPLMN: RPLMN } },
    go: async (b) => {
      await b.fire();
      await b.fire();
    },
    shows: [
      ...['terminal-capability-missing', 'es10-on-basic-channel', 'channel-left-open', 'eid-from-memory'],
      ...['eims-from-memory', 'notifications-not-looked-for', 'eid-nibbles-swapped', 'rplmn-missing'],
      ...['rplmn-nibbles-not-swapped', 'rplmn-with-old-tag', 'no-package-asked-again'],
    ],
  },
  'errors of the eIM': {
    go: async (b) => {
      for (const code of [2, 3, 4, 127]) {
        b.eim.script = () => ({ message: bytes(`BF4F030201${code.toString(16).padStart(2, '0')}`) });
        await b.fire();
      }
    },
    shows: ['refused-poll-asked-again', 'refused-eim-given-up'],
  },
  'what is no package': {
    go: async (b) => {
      b.eim.offer(
        bytes('BF5300'),
        bytes('BF51023000'),
        bytes('BF52028300'),
        tlv(0xbf51, bytes('3004820201025F3700')),
      );
      for (let n = 0; n < 4; n++) await b.fire();
      const other = b.eim.signer.ecos([{ listEim: {} }]);
      b.eim.script = (m) => (m.startsWith('BF4F') ? { message: tlv(0xbf50, other) } : undefined);
      await b.fire();
    },
    shows: [
      ...['unknown-package-ignored', 'unknown-package-as-invalid', 'malformed-package-to-euicc'],
      ...['error-without-transaction-id', 'answer-tag-unchecked'],
    ],
  },
  'two packages, one with Notifications': {
    go: async (b) => {
      const { signer } = b.eim;
      b.eim.offer(signer.psmos([enable(ICCID1)], { transactionId: 'A1B2' }), signer.ecos([{ listEim: {} }]));
      await b.fire();
      b.say('results', hex((await b.card.inspect(bytes('BF2B04A0028200'))).data));
      b.say('notifications', hex((await b.card.inspect(bytes('BF2B00'))).data).length);
    },
    shows: [
      ...['proactive-command-ignored', 'no-reset-after-refresh', 'connectivity-not-read'],
      ...['connection-kept-over-switch', 'notifications-not-read-after-package', 'acknowledgements-ignored'],
      ...['eid-missing-in-result', 'result-signature-as-der', 'package-reencoded'],
      ...[
        'one-package-a-cycle',
        'result-before-switch',
        'notifications-read-after-eco',
        'empty-list-bundled',
      ],
      ...['connection-not-kept', 'one-get-response-only'],
    ],
  },
  'a result, and its Notifications behind it': {
    bench: { options: { bundle: false } },
    go: async (b) => {
      b.eim.offer(b.eim.signer.psmos([enable(ICCID1)]), b.eim.signer.psmos([enable(ICCID2)]));
      await b.fire();
    },
    shows: [
      ...['notifications-dropped-unless-bundled', 'notification-without-arm', 'notifications-in-reverse'],
      ...['delivered-notification-kept'],
    ],
  },
  'a device without REFRESH': {
    bench: { options: { terminalProfile: bytes('000000') } },
    go: async (b) => {
      b.eim.offer(b.eim.signer.psmos([enable(ICCID1)]));
      await b.fire();
    },
    shows: ['no-reset-after-switch'],
  },
  'acknowledgements of every kind': {
    go: async (b) => {
      const { signer } = b.eim;
      const answers = [
        acknowledging([]),
        acknowledging([4]),
        bytes('BF5003020102'),
        acknowledging([99, 6, 5]),
      ];
      b.eim.script = (m) => {
        if (!m.startsWith('BF50')) return undefined;
        const message = answers.shift();
        return message === undefined ? undefined : { message };
      };
      for (const psmo of [enable(ICCID1), enable(ICCID2), disable(ICCID2)]) {
        b.eim.offer(signer.psmos([psmo]));
        await b.fire();
      }
      await b.fire();
      b.say('left', hex((await b.card.inspect(bytes('BF2B04A0028200'))).data));
    },
    shows: [
      ...['answered-is-acknowledged', 'partial-acknowledgement-as-whole', 'first-acknowledgement-only'],
      ...['nothing-to-delete-ends-cycle'],
    ],
  },
  'errors of the eUICC': {
    go: async (b) => {
      const { signer } = b.eim;
      b.eim.offer(
        signer.psmos([enable(ICCID1)], { eid: '89049032123451234512345678901299' }),
        signer.psmos([enable(ICCID1)], { token: 9 }),
      );
      await b.fire();
      b.card.fault([{ function: 'BF51', sw: '6A80' }]);
      b.eim.offer(signer.psmos([enable(ICCID1)], { transactionId: '77' }));
      await b.fire();
      b.card.fault([{ function: 'BF51', response: bytes('BF51FF00') }]);
      b.eim.offer(signer.psmos([enable(ICCID1)], { transactionId: '78' }));
      await b.fire();
    },
    shows: [
      ...['foreign-package-refused', 'package-error-not-relayed', 'euicc-fault-not-reported'],
      ...['unreadable-result-forwarded', 'unsigned-error-not-relayed'],
    ],
  },
  'a card that goes in the middle': {
    go: async (b) => {
      const { signer } = b.eim;
      b.eim.offer(signer.psmos([{ getRAT: {} }]));
      b.card.fault([{ function: 'BF51', sw: 'removed', executed: true }]);
      await b.fire();
      await b.card.insert();
      await b.fire();
      b.eim.offer(signer.psmos([{ getRAT: {} }]));
      let starts = 0;
      b.eim.script = (m) => {
        // The start of the cycle has asked; the next question is the one behind the package.
        if (m.startsWith('BF4F') && starts++ === 0) b.card.fault([{ function: 'BF2B', sw: 'removed' }]);
        return undefined;
      };
      await b.fire();
    },
    shows: ['lost-card-as-error', 'partial-result-sent'],
  },
  'answers that can not be decoded': {
    go: async (b) => {
      b.eim.script = (m) => (m.startsWith('BF4F') ? { body: bytes('BF5105BF') } : undefined);
      await b.fire();
    },
    shows: ['undecodable-package-to-euicc'],
  },
  'what waits in the eUICC at the start': {
    bench: { two: true },
    go: async (b) => {
      await leftovers(b);
      b.eim.offer(b.eim.signer.psmos([{ getRAT: {} }]));
      // The first result is not acknowledged with its Notifications.
      b.eim.script = (m) => (m.startsWith('BF50') ? { message: acknowledging([]) } : undefined);
      await b.fire();
    },
    shows: [
      ...['stored-results-not-sent', 'stored-results-after-packages', 'pending-notifications-not-sent'],
      ...['unacknowledged-result-repeated'],
    ],
  },
  'a result for the second eIM': {
    bench: { two: true },
    go: async (b) => {
      await b.card.inspect(b.eim2.signer.psmos([enable(ICCID1)]));
      await b.fire();
    },
    shows: ['results-to-any-eim'],
  },
  'STORE DATA in many blocks': {
    bench: { options: { blockSize: 20 } },
    go: async (b) => {
      b.eim.offer(
        b.eim.signer.psmos([enable(ICCID1)], { transactionId: '00112233445566778899AABBCCDDEEFF' }),
      );
      await b.fire();
    },
    shows: [
      ...['every-block-is-last', 'block-number-constant', 'block-number-from-one', 'block-number-not-reset'],
    ],
  },
  'a card that refuses the first of several blocks': {
    bench: { options: { blockSize: 20 }, cardDefects: ['multi-block-request-refused'] },
    go: async (b) => {
      b.eim.offer(b.eim.signer.psmos([enable(ICCID1)]));
      await b.fire();
    },
    shows: ['store-data-status-ignored'],
  },
  'an answer of 127 bytes': {
    go: async (b) => {
      b.card.fault([{ function: 'BF5F', response: tlv(0xbf5f, tlv(0xa0, tlv(0x81, new Uint8Array(123)))) }]);
      b.eim.offer(b.eim.signer.psmos([enable(ICCID1)]));
      await b.fire();
    },
    shows: ['length-127-as-long-form'],
  },
  'data requests': {
    go: async (b) => {
      await leftovers(b);
      const all = '81BF20BF228384A5A6A8A9A0A2';
      b.eim.offer(
        dataRequest(all),
        dataRequest('A0', { searchCriteriaNotification: { seqNumber: 1 } }),
        dataRequest('A0', { searchCriteriaNotification: { profileManagementOperation: bitsOf([2]) } }),
        dataRequest('A2', { searchCriteriaEuiccPackageResult: { seqNumber: 2 } }),
        dataRequest('5A'),
        dataRequest('BF2D'),
        dataRequest(''),
        dataRequest('A6', { euiccCiPKIdentifierToBeUsed: bytes('C0BC70BA') }),
        dataRequest('A6', { euiccCiPKIdentifierToBeUsed: bytes('0102030405') }),
      );
      b.eim.script = (m) => (m.startsWith('BF50') ? { message: acknowledging([]) } : undefined);
      await b.fire();
      b.card.fault([{ function: 'BF20', sw: '6F00' }]);
      b.eim.offer(dataRequest('BF20'));
      await b.fire();
    },
    shows: [
      ...['unknown-tag-ignored', 'profile-list-tag-ignored', 'empty-tag-list-accepted', 'ci-pk-id-ignored'],
      ...['unknown-ci-ignored', 'data-fault-not-reported', 'data-without-transaction-id'],
      ...['data-error-without-transaction-id', 'notification-criterion-ignored', 'event-criterion-ignored'],
      ...['result-criterion-ignored', 'notifications-list-missing', 'default-smdp-address-missing'],
      ...['result-list-missing', 'euicc-info1-missing', 'consumer-euicc-info2', 'root-smds-address-missing'],
      ...['association-token-missing', 'certificates-nested', 'capabilities-a-byte-a-flag'],
      ...['device-info-without-tac'],
    ],
  },
  'data that do not exist, and a CI by the beginning of its identifier': {
    go: async (b) => {
      await b.card.personalise({ action: 'set-default-dp-address', parameters: { address: '' } });
      b.eim.offer(dataRequest('8183'), dataRequest('A6', { euiccCiPKIdentifierToBeUsed: CI_START }));
      await b.fire();
    },
    shows: ['absent-object-as-empty', 'ci-pk-id-compared-whole'],
  },
  'the token of the second eIM': {
    bench: { two: true },
    go: async (b) => {
      b.eim2.offer(dataRequest('84'));
      await b.fire();
    },
    shows: ['token-of-first-eim'],
  },
  'while the Emergency Profile is enabled': {
    go: async (b) => {
      await b.card.personalise({ action: 'install-profile', parameters: { name: 'PROFILE_EMERGENCY' } });
      await b.fire('enableEmergencyProfile');
      b.eim.offer(dataRequest('BF20'), TRIGGER);
      await b.fire();
    },
    shows: ['data-during-ecall', 'trigger-during-ecall', 'trigger-result-without-transaction-id'],
  },
};
