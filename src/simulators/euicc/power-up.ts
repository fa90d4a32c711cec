/** What a reset does to the state: a change that waited takes effect. The defects forget what they should keep. */
import type { EuiccCore } from './core.js';
import { applyChange } from './profile-switch.js';

export function powerUp(core: EuiccCore): void {
  core.dead = false;
  applyChange(core);
  // The IPAe runs until the next reset only.
  core.state.ipaMode = 'ipad';
  forget(core);
  core.commit();
  core.atReset = core.snapshot();
}

function forget({ state, defects, atReset }: EuiccCore): void {
  if (defects.has('result-lost-on-reset')) state.results = [];
  if (defects.has('notifications-lost-on-reset')) state.notifications = [];
  if (defects.has('eims-lost-on-reset')) state.eims = [];
  if (defects.has('dp-address-lost-on-reset')) state.defaultDpAddress = state.initialDefaultDpAddress;
  if (defects.has('switch-lost-on-reset'))
    for (const profile of state.profiles)
      profile.profileState =
        atReset.profiles.find((p) => p.iccid === profile.iccid)?.profileState ?? 'disabled';
}
