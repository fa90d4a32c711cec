/**
 * The seeded defects of the IPAd around its IPA: the eUICC, the network, what it does by itself. Each is a mistake that
 * an implementer could make, consulted at one place; none knows a test. Name: clause that it breaks, and what goes wrong.
 */
import { IPAD_NETWORK_DEFECTS } from './defect-list-network.js';

export const IPAD_DEFECT_LIST = {
  // The eUICC
  'terminal-capability-missing': 'SGP.32 3.8.1: TERMINAL CAPABILITY is not sent',
  'es10-on-basic-channel': 'SGP.22 5.7.1: the ISD-R is selected on the basic channel',
  'channel-left-open': 'SGP.22 5.7.1: the logical channel is not closed at the end of a cycle',
  'proactive-command-ignored': 'SGP.32 3.4.1: 91xx is not followed by FETCH',
  'no-reset-after-refresh': 'SGP.32 3.4.1: a REFRESH is answered, but the card is not reset',
  'no-reset-after-switch': 'SGP.32 3.4.1: without a REFRESH the card is not reset after a Profile switch',
  'one-get-response-only': 'SGP.22 5.7.2: of a long answer only the first two parts are fetched',
  'length-127-as-long-form': 'SGP.22 5.7.2: an answer whose length is 127 is taken for one that was cut off',
  'store-data-status-ignored': 'SGP.22 5.7.2: an error status word in the middle of a chain is not noticed',
  'every-block-is-last': 'SGP.22 5.7.2: P1 of STORE DATA is 91 in every block',
  'block-number-constant': 'SGP.22 5.7.2: P2 of STORE DATA is always 00',
  'block-number-from-one': 'SGP.22 5.7.2: P2 of STORE DATA leaves out 01',
  'block-number-not-reset': 'SGP.22 5.7.2: P2 of STORE DATA goes on counting in the next function',
  // The start of a cycle
  'eid-from-memory': 'SGP.32 3.8.2: GetEID is not asked when an EID is known',
  'eims-from-memory': 'SGP.32 3.8.3: GetEimConfigurationData is not asked when eIMs are known',
  'notifications-not-looked-for': 'SGP.32 3.8.4: RetrieveNotificationsList is not sent at the start',
  'pending-notifications-not-sent': 'SGP.32 3.7: Notifications that wait at the start are left there',
  'stored-results-after-packages': 'SGP.32 3.3.1: results that wait in the eUICC go out after new packages',
  'polls-without-euicc': 'SGP.32 3.8: without the ISD-R the eIMs of last time are polled',
  'not-polled-at-start': 'SGP.32 3.1.1.1: no eIM is polled when the device starts',
  'first-eim-only': 'SGP.32 3.1.1.1: of several eIMs the first is polled',
  'first-failure-ends-cycle': 'SGP.32 3.1.1.1: an eIM that is away keeps the others from being polled',
  'eim-given-up-after-bad-answer':
    'SGP.32 3.1.1.1: an eIM is not asked any more after an answer that can not be used',
  'refused-eim-given-up':
    'SGP.32 3.1.1.1: an eIM that refused a request is not polled again before a restart',
  'package-executed-again':
    'SGP.32 3.3.1: a package that was begun is given to the eUICC again after a restart',
  // State changes
  'change-by-other-eim-not-told': 'SGP.32 5.14.5: a change made by one eIM is not told to the others',
  'own-change-told': 'SGP.32 5.14.5: an eIM is told of the change that it made itself',
  'change-told-to-first-eim': 'SGP.32 5.14.5: a state change is told to one eIM only',
  'told-change-not-forgotten': 'SGP.32 5.14.5: a state change is told in every cycle',
  'refused-report-repeated': 'SGP.32 5.14.5: a report that the eIM answered with an error is made again',
  'state-change-cause-always-undefined': 'SGP.32 5.14.5: stateChangeCause is always undefined(127)',
  'fallback-not-told': 'SGP.32 3.4.6: no eIM is told of a fallback',
  'emergency-profile-not-told': 'SGP.32 5.9.22: no eIM is told of the Emergency Profile',
  'memory-reset-not-told': 'SGP.32 5.9.5: no eIM is told of a memory reset',
  'immediate-enable-not-told': 'SGP.32 3.4.5: no eIM is told of an immediate enable',
  'device-change-not-told': 'SGP.32 5.14.5: no eIM is told that the eUICC is in another device',
  // Profile switches
  'connectivity-not-read': 'SGP.32 5.9.24: connectivity parameters are not read after a Profile switch',
  'connection-kept-over-switch': 'SGP.32 3.3.1: after a Profile switch the old connection goes on',
  'rollback-after-any-error': 'SGP.32 3.4.1: ProfileRollback although the eIM can be reached',
  'rollback-before-its-time': 'SGP.32 3.4.1: ProfileRollback before the declared time is over',
  // Local functions
  'initial-eim-not-polled': 'SGP.32 3.5.2: an eIM that was just added is not polled',
  'refused-initial-eim-repeated': 'SGP.32 3.5.2: AddInitialEim is tried again after it was refused',
  'eim-reset-deletes-profiles': 'SGP.32 5.9.5: the reset of eIM data deletes operational Profiles, too',
  'memory-reset-everything': 'SGP.32 5.9.5: a memory reset asks for every reset there is',
  'memory-reset-of-old-version': 'SGP.32 5.9.5: eUICCMemoryReset has tag and bits of v1.0.1',
  'return-executes-fallback': 'SGP.32 5.9.21: ExecuteFallbackMechanism in place of ReturnFromFallback',
  'emergency-functions-exchanged':
    'SGP.32 5.9.22: DisableEmergencyProfile in place of EnableEmergencyProfile',
  'refresh-flag-missing': 'SGP.32 5.9.20: functions that switch Profiles have no refreshFlag',
  'refused-function-repeated': 'SGP.32 5.9: a local function is tried again whatever refused it',
  'refused-fallback-repeated': 'SGP.32 3.4.6: after fallbackNotAvailable the fallback is tried in each cycle',
  ...IPAD_NETWORK_DEFECTS,
} as const;
