/** enable, disable and delete (SGP.32 3.4.1 to 3.4.3). Each returns its result code. */
import { notify } from '../notifications.js';
import { requestSwitch } from '../profile-switch.js';
import { enabledProfile, profileByIccid } from '../state.js';
import type { PackageRun } from './package-run.js';

const OK = 0;
const NOT_FOUND = 1;
const WRONG_STATE = 2;
const DISALLOWED_BY_POLICY = 3;
const CAT_BUSY = 5;
const ROLLBACK_NOT_AVAILABLE = 20;
const RETURN_FALLBACK_PROFILE = 21;

export function enable(run: PackageRun, iccid: string, rollbackFlag: boolean): number {
  const { core } = run;
  const { state, defects } = core;
  const target = profileByIccid(state, iccid);
  if (target === undefined) return defects.has('enable-unknown-iccid-ok') ? OK : NOT_FOUND;
  const current = enabledProfile(state);
  if (current === target) return defects.has('enable-of-enabled-ok') ? OK : WRONG_STATE;
  if (target.ecallIndication && !defects.has('emergency-profile-by-psmo')) return DISALLOWED_BY_POLICY;
  if (current?.profilePolicyRules.includes('ppr1') === true && !defects.has('enable-ppr1-ignored'))
    return DISALLOWED_BY_POLICY;
  if (run.busy) return CAT_BUSY;
  const previous = enabledProfile(run.before);
  if (rollbackFlag && previous === undefined && !defects.has('rollback-without-previous'))
    return ROLLBACK_NOT_AVAILABLE;
  run.changed = true;
  if (defects.has('enable-not-effective')) return OK;
  const notifications = requestSwitch(core, iccid, { refresh: true });
  const wanted = rollbackFlag || defects.has('rollback-always-allowed');
  if (wanted && previous !== undefined && !defects.has('rollback-flag-ignored'))
    run.rollback = { previousIccid: previous.iccid, notifications };
  return OK;
}

export function disable(run: PackageRun, iccid: string): number {
  const { core } = run;
  const { state, defects } = core;
  const target = profileByIccid(state, iccid);
  if (target === undefined) return defects.has('disable-unknown-iccid-ok') ? OK : NOT_FOUND;
  if (enabledProfile(state) !== target) return defects.has('disable-of-disabled-ok') ? OK : WRONG_STATE;
  if (target.profilePolicyRules.includes('ppr1') && !defects.has('disable-ppr1-ignored'))
    return DISALLOWED_BY_POLICY;
  if (run.busy) return CAT_BUSY;
  run.changed = true;
  if (!defects.has('disable-not-effective')) requestSwitch(core, null, { refresh: true });
  return OK;
}

/** A Profile that the same package disables counts as disabled. */
export function deleteProfile(run: PackageRun, iccid: string): number {
  const { core } = run;
  const { state, defects } = core;
  const target = profileByIccid(state, iccid);
  const goes = state.pendingChange?.deletions.includes(iccid) === true;
  if (target === undefined || goes) return defects.has('delete-unknown-iccid-ok') ? OK : NOT_FOUND;
  const stillOn = target.profileState === 'enabled' && defects.has('disable-then-delete-refused');
  if ((enabledProfile(state) === target || stillOn) && !defects.has('delete-enabled-profile'))
    return WRONG_STATE;
  if (target.profilePolicyRules.includes('ppr2') && !defects.has('delete-ppr2-ignored'))
    return DISALLOWED_BY_POLICY;
  if (run.rollback?.previousIccid === iccid && !defects.has('delete-rollback-profile'))
    return ROLLBACK_NOT_AVAILABLE;
  const onFallback = enabledProfile(state)?.fallbackAttribute === true && state.fallbackReturn === iccid;
  if (onFallback && !defects.has('delete-return-profile')) return RETURN_FALLBACK_PROFILE;
  run.changed = true;
  if (!defects.has('delete-notification-missing')) notify(core, target, 'notificationDelete');
  if (defects.has('delete-not-effective')) return OK;
  if (defects.has('delete-without-reclaiming')) state.leaked = (state.leaked ?? 0) + 1;
  // What is enabled now goes with the switch; the result has to be fetched over it first.
  if (target.profileState === 'enabled' && state.pendingChange !== undefined)
    state.pendingChange.deletions.push(iccid);
  else state.profiles = state.profiles.filter((p) => p !== target);
  return OK;
}
