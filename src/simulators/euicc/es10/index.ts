/** All ES10 functions of the card by their tag. */
import type { CardVersion } from '../version.js';
import { loadEuiccPackage } from '../esep/load-euicc-package.js';
import { getEuiccConfiguredAddresses, setDefaultDpAddress } from './addresses.js';
import { getCerts } from './certificates.js';
import { addInitialEim, getEimConfigurationData } from './eim-configuration-functions.js';
import type { Es10Function } from './function.js';
import { configureImmediateProfileEnabling, enableUsingDd, immediateEnable } from './immediate-enable.js';
import {
  getConnectivityParameters,
  getEid,
  getEuiccChallenge,
  getEuiccInfo1,
  getEuiccInfo2,
  getRat,
} from './information.js';
import { ipaeActivation } from './ipae-activation.js';
import { euiccMemoryReset, euiccMemoryResetV1_0_1 } from './memory-reset.js';
import {
  listNotification,
  removeNotificationFromList,
  retrieveNotificationsList,
} from './notification-list.js';
import { getProfilesInfo } from './profile-info.js';
import { profileRollback } from './profile-rollback.js';
import {
  disableEmergencyProfile,
  enableEmergencyProfile,
  executeFallbackMechanism,
  returnFromFallback,
} from './switch-functions.js';

const FUNCTIONS: ReadonlyMap<number, Es10Function> = new Map([
  [0xbf20, getEuiccInfo1],
  [0xbf22, getEuiccInfo2],
  [0xbf28, listNotification],
  [0xbf2b, retrieveNotificationsList],
  [0xbf2d, getProfilesInfo],
  [0xbf2e, getEuiccChallenge],
  [0xbf30, removeNotificationFromList],
  [0xbf3c, getEuiccConfiguredAddresses],
  [0xbf3e, getEid],
  [0xbf3f, setDefaultDpAddress],
  [0xbf42, ipaeActivation],
  [0xbf43, getRat],
  [0xbf51, loadEuiccPackage],
  [0xbf55, getEimConfigurationData],
  [0xbf56, getCerts],
  [0xbf57, addInitialEim],
  [0xbf58, profileRollback],
  [0xbf59, configureImmediateProfileEnabling],
  [0xbf5a, immediateEnable],
  [0xbf5b, enableEmergencyProfile],
  [0xbf5c, disableEmergencyProfile],
  [0xbf5d, executeFallbackMechanism],
  [0xbf5e, returnFromFallback],
  [0xbf5f, getConnectivityParameters],
  [0xbf64, euiccMemoryReset],
  [0xbf65, setDefaultDpAddress],
]);

/** What came after v1.0.1; BF3F stays, it is SGP.22's. */
const SINCE_V1_1 = [0xbf42, 0xbf5b, 0xbf5c, 0xbf5d, 0xbf5e, 0xbf5f, 0xbf64, 0xbf65];

const FUNCTIONS_V1_0_1: ReadonlyMap<number, Es10Function> = new Map([
  ...[...FUNCTIONS].filter(([tag]) => !SINCE_V1_1.includes(tag)),
  [0xbf34, euiccMemoryResetV1_0_1],
  [0xbf5a, enableUsingDd],
]);

/** The functions that a card of that version has, by their tag. */
export const es10Functions = (version: CardVersion): ReadonlyMap<number, Es10Function> =>
  version === '1.0.1' ? FUNCTIONS_V1_0_1 : FUNCTIONS;
