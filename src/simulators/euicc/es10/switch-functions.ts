/** Changes of the enabled Profile that the IPA asks for itself: Emergency Profile and fallback (SGP.32 5.9.20 to 5.9.23). */
import type { EuiccCore } from '../core.js';
import { requestSwitch } from '../profile-switch.js';
import { enabledProfile, profileByIccid } from '../state.js';
import { must, readFields } from '../../tlv/reader.js';
import { int, wrap } from '../../tlv/writer.js';
import { isBusy, type Es10Function } from './function.js';

const OK = 0;
const NOT_DISABLED = 2;
const NOT_ENABLED = 2;
const CAT_BUSY = 5;
const FALLBACK_NOT_AVAILABLE = 6;
const COMMAND_ERROR = 7;
const ECALL_NOT_AVAILABLE = 8;
const ECALL_ACTIVE = 104;

/** All of them take refreshFlag and answer with one code. */
const switching =
  (act: (core: EuiccCore, refresh: boolean) => number): Es10Function =>
  (core, { tag, content }) =>
    wrap(tag, int(0x80, act(core, must(readFields(content, [0x80]).boolean(0x80)))));

export const isEmergency = ({ state }: EuiccCore): boolean => state.emergencyReturn !== undefined;

/** The Profile that was on is remembered; nobody is notified. */
export const enableEmergencyProfile = switching((core, refresh) => {
  const { state } = core;
  const target = state.profiles.find((p) => p.ecallIndication);
  if (!state.capabilities.ecallSupported || target === undefined) return ECALL_NOT_AVAILABLE;
  if (isEmergency(core)) return NOT_DISABLED;
  if (isBusy(core)) return CAT_BUSY;
  state.emergencyReturn = enabledProfile(state)?.iccid ?? null;
  if (refresh) delete state.rollback;
  requestSwitch(core, target.iccid, { refresh, notifications: core.defects.has('emergency-notifications') });
  return OK;
});

export const disableEmergencyProfile = switching((core, refresh) => {
  const { state } = core;
  if (!isEmergency(core)) return NOT_ENABLED;
  if (isBusy(core)) return CAT_BUSY;
  const previous = state.emergencyReturn ?? null;
  delete state.emergencyReturn;
  if (refresh) delete state.rollback;
  requestSwitch(core, previous, { refresh, notifications: false });
  return OK;
});

export const executeFallbackMechanism = switching((core, refresh) => {
  const { state } = core;
  const fallback = state.profiles.find((p) => p.fallbackAttribute);
  const current = enabledProfile(state);
  if (isEmergency(core)) return ECALL_ACTIVE;
  if (!state.capabilities.fallbackSupported || fallback === undefined) return FALLBACK_NOT_AVAILABLE;
  if (current === undefined) return COMMAND_ERROR;
  if (current === fallback) return NOT_DISABLED;
  if (isBusy(core)) return CAT_BUSY;
  state.fallbackReturn = current.iccid;
  delete state.rollback;
  requestSwitch(core, fallback.iccid, { refresh });
  return OK;
});

export const returnFromFallback = switching((core, refresh) => {
  const { state } = core;
  if (enabledProfile(state)?.fallbackAttribute !== true) return FALLBACK_NOT_AVAILABLE;
  const previous = state.fallbackReturn;
  if (previous === undefined || profileByIccid(state, previous) === undefined) return COMMAND_ERROR;
  if (isBusy(core)) return CAT_BUSY;
  delete state.fallbackReturn;
  requestSwitch(core, previous, { refresh });
  return OK;
});
