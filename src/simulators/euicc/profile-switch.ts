/** Changes of the enabled Profile: asked for by a function, in effect after its answer or a REFRESH (SGP.32 3.4.1). */
import type { EuiccCore } from './core.js';
import { notify } from './notifications.js';
import { enabledProfile, profileByIccid } from './state.js';

export interface SwitchOptions {
  /** A REFRESH goes before the change, where the terminal takes part in it. */
  readonly refresh: boolean;
  /** Default true; the Emergency Profile comes without (SGP.32 5.9.22). */
  readonly notifications?: boolean;
}

/**
 * Asks for a change; it takes effect by {@link applyChange}.
 * @param target ICCID of the Profile to enable; null disables.
 * @returns sequence numbers of the notifications generated.
 */
export function requestSwitch(core: EuiccCore, target: string | null, options: SwitchOptions): number[] {
  const { state, defects } = core;
  const before = enabledProfile(state);
  const after = target === null ? undefined : profileByIccid(state, target);
  state.pendingChange = {
    enabled: target,
    deletions: state.pendingChange?.deletions ?? [],
    refresh: options.refresh || state.pendingChange?.refresh === true,
  };
  if (options.notifications === false) return [];
  const numbers: number[] = [];
  if (before !== undefined && before !== after) {
    const silent =
      after === undefined
        ? defects.has('disable-notification-missing')
        : defects.has('implicit-disable-notification-missing');
    if (!silent) numbers.push(...notify(core, before, 'notificationDisable'));
  }
  if (after !== undefined && after !== before && !defects.has('enable-notification-missing'))
    numbers.push(...notify(core, after, 'notificationEnable'));
  return numbers;
}

/** Lets a change that was asked for take effect. */
export function applyChange(core: EuiccCore): void {
  const { state, defects } = core;
  const change = state.pendingChange;
  if (change === undefined) return;
  delete state.pendingChange;
  for (const profile of state.profiles) {
    const keep = change.enabled !== null && defects.has('enable-without-disabling-old');
    if (profile.iccid === change.enabled) profile.profileState = 'enabled';
    else if (!keep) profile.profileState = 'disabled';
  }
  state.profiles = state.profiles.filter((p) => !change.deletions.includes(p.iccid));
}
