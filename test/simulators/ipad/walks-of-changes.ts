/** State changes, local functions, rollback, restarts. */
import { encode } from '../../../src/protocol/asn1/index.js';
import { EimConfigurationData } from '../../../src/protocol/types/es10-data.js';
import { disable, enable } from '../euicc/eim.js';
import { bytes, ICCID1, ICCID2 } from '../euicc/terminal.js';
import { TIMINGS, type Bench } from './bench.js';
import type { Walks } from './walks.js';

const withRollback = (b: Bench): Uint8Array =>
  b.eim.signer.psmos([{ enable: { iccid: bytes(ICCID1), rollbackFlag: null } }]);

/** The eIM says nothing to results: no way leads to it. */
const away = (b: Bench, times = Infinity): void => {
  let left = times;
  b.eim.script = (m) => (m.startsWith('BF50') && left-- > 0 ? { close: true } : undefined);
};

const enabledBefore = (b: Bench): Promise<void> =>
  b.card.personalise({ action: 'set-profile-state', parameters: { iccid: ICCID2, state: 'enabled' } });

const noRetries = { ...TIMINGS, retries: 0 };

export const CHANGE_WALKS: Walks = {
  'two eIMs': {
    bench: { two: true },
    go: async (b) => {
      b.eim.offer(b.eim.signer.psmos([enable(ICCID1)]));
      await b.fire();
      b.eim2.offer(b.eim2.signer.psmos([disable(ICCID1)]));
      await b.fire();
      await b.fire();
    },
    shows: [
      ...['first-eim-only', 'change-by-other-eim-not-told'],
      ...['told-change-not-forgotten', 'state-change-cause-missing', 'state-change-cause-off-by-one'],
      ...['state-change-flag-missing', 'address-of-first-eim', 'own-change-told'],
    ],
  },
  'a report that is refused': {
    go: async (b) => {
      b.eim.script = (m) => (m.startsWith('BF4F') ? { message: bytes('BF4F03020103') } : undefined);
      await b.fire('memoryReset');
      await b.fire();
    },
    shows: ['refused-report-repeated'],
  },
  'two eIMs with keys of their own': {
    bench: { two: true, trust: 'public-key', options: { timings: noRetries } },
    go: async (b) => {
      await b.fire();
    },
    shows: ['anchor-of-first-eim'],
  },
  'the first eIM is away': {
    bench: { two: true, options: { timings: noRetries } },
    go: async (b) => {
      await b.eim.listener.present({ down: true });
      await b.fire();
    },
    shows: ['first-failure-ends-cycle'],
  },
  fallback: {
    bench: { two: true },
    go: async (b) => {
      await enabledBefore(b);
      await b.card.personalise({
        action: 'install-profile',
        parameters: { name: 'PROFILE_OPERATIONAL3', fallbackAttribute: 'true' },
      });
      b.eim.offer(b.eim.signer.psmos([{ getRAT: {} }]));
      await b.fire('executeFallback');
      await b.fire('returnFromFallback');
      await b.fire('returnFromFallback');
    },
    shows: [
      ...['fallback-not-told', 'state-change-cause-always-undefined', 'change-told-to-first-eim'],
      ...['return-executes-fallback', 'refresh-flag-missing', 'refused-function-repeated'],
      ...['state-change-in-every-poll'],
    ],
  },
  'fallback by loss of connectivity': {
    bench: { options: { fallbackAfter: 2, timings: noRetries } },
    go: async (b) => {
      await b.eim.listener.present({ down: true });
      for (let n = 0; n < 4; n++) await b.fire();
    },
    shows: ['refused-fallback-repeated'],
  },
  'Emergency Profile': {
    go: async (b) => {
      await b.card.personalise({ action: 'install-profile', parameters: { name: 'PROFILE_EMERGENCY' } });
      await b.fire('enableEmergencyProfile');
      await b.fire('disableEmergencyProfile');
    },
    shows: ['emergency-profile-not-told', 'emergency-functions-exchanged'],
  },
  'memory reset': {
    bench: { options: { memoryReset: ['deleteOperationalProfiles', 'resetDefaultSmdpAddress'] } },
    go: async (b) => {
      await b.fire('memoryReset');
      await b.fire('resetEimConfiguration');
      await b.fire();
    },
    shows: [
      ...['memory-reset-not-told', 'memory-reset-everything', 'memory-reset-of-old-version'],
      ...['eim-reset-deletes-profiles'],
    ],
  },
  'immediate enable': {
    go: async (b) => {
      b.card.fault([{ function: 'BF5A', response: bytes('BF5A03800100') }]);
      await b.fire('immediateEnable');
      await b.fire('immediateEnable');
    },
    shows: ['immediate-enable-not-told'],
  },
  'the start of the device': {
    go: async (b) => {
      await b.fire('start');
    },
    shows: ['not-polled-at-start'],
  },
  'device change': {
    go: async (b) => {
      await b.fire('deviceChange');
    },
    shows: ['device-change-not-told'],
  },
  'the first eIM': {
    bench: { alone: true },
    go: async (b) => {
      const initialEim = encode(EimConfigurationData, b.eim.configuration('ca'));
      const device = b.makeDevice({ initialEim });
      await b.fire('poll', device);
      await b.fire('addInitialEim', device);
      const other = b.makeDevice({ initialEim, stateFile: b.temporaryFile() });
      await b.fire('addInitialEim', other);
      await b.fire('addInitialEim', other);
    },
    shows: ['initial-eim-not-polled', 'refused-initial-eim-repeated'],
  },
  'no ISD-R': {
    bench: { remembers: true },
    go: async (b) => {
      await b.fire();
      const device = b.makeDevice({ isdrAid: bytes('A0000005591010FFFFFFFF8900000199') });
      await b.fire('poll', device);
    },
    shows: ['polls-without-euicc'],
  },
  'a power cycle in the middle of a package': {
    bench: { remembers: true, options: { timings: noRetries } },
    go: async (b) => {
      b.eim.offer(b.eim.signer.psmos([enable(ICCID1)]));
      away(b, 1);
      await b.fire();
      await b.fire('restart');
    },
    shows: ['package-executed-again', 'removed-before-delivery'],
  },
  'rollback after lost connectivity': {
    bench: { options: { timings: noRetries } },
    go: async (b) => {
      await enabledBefore(b);
      b.eim.offer(withRollback(b));
      away(b, 1);
      await b.fire();
    },
    shows: [
      'never-rolled-back',
      'rollback-flag-inverted',
      'rollback-not-reported',
      'no-notifications-after-rollback',
    ],
  },
  'no rollback without the flag': {
    bench: { options: { timings: noRetries } },
    go: async (b) => {
      await enabledBefore(b);
      b.eim.offer(b.eim.signer.psmos([enable(ICCID1)]));
      away(b, 1);
      await b.fire();
    },
    shows: ['rollback-without-flag'],
  },
  'the eIM is back before the time is over': {
    bench: { options: { timings: { ...noRetries, rollbackAfterMs: 600_000 } } },
    go: async (b) => {
      await enabledBefore(b);
      b.eim.offer(withRollback(b));
      away(b, 2);
      await b.fire();
    },
    shows: ['rollback-before-its-time'],
  },
  'no rollback while the eIM can be reached': {
    bench: { options: { timings: noRetries } },
    go: async (b) => {
      await enabledBefore(b);
      b.eim.offer(withRollback(b));
      let left = 1;
      b.eim.script = (m) => (m.startsWith('BF50') && left-- > 0 ? { http: { status: 403 } } : undefined);
      await b.fire();
    },
    shows: ['rollback-after-any-error'],
  },
  'a rollback that is refused': {
    bench: { options: { timings: noRetries } },
    go: async (b) => {
      await enabledBefore(b);
      b.card.fault([{ function: 'BF58', response: bytes('BF5803020101'), times: 2 }]);
      b.eim.offer(withRollback(b));
      away(b, 3);
      await b.fire();
    },
    shows: ['refused-rollback-repeated'],
  },
  'a rollback while the card is busy': {
    bench: { options: { timings: noRetries } },
    go: async (b) => {
      await enabledBefore(b);
      b.card.fault([{ function: 'BF58', response: bytes('BF5803020105') }]);
      b.eim.offer(withRollback(b));
      away(b, 2);
      await b.fire();
    },
    shows: ['busy-rollback-given-up'],
  },
};
