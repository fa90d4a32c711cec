/** What the eIM does when an IPA reports that the eUICC's state changed without it (SGP.32 3.1.1.1, 5.14.5). */
import type { EimCore } from './core.js';
import { queueOrder } from './queue.js';
import type { AutoOrder, DeviceRecord } from './records.js';
import type { OrderRequest } from './types.js';
import type { Work } from './work.js';

const CAUSES: Readonly<Record<number, string>> = {
  0: 'otherEim',
  1: 'fallback',
  2: 'emergencyProfile',
  3: 'local',
  4: 'reset',
  5: 'immediateEnableProfile',
  6: 'deviceChange',
  127: 'undefined',
};
const EMERGENCY_PROFILE = 2;
const RESET = 4;
const DEVICE_CHANGE = 6;

/** @param cause undefined: told without one. */
export function stateChanged(
  core: EimCore,
  work: Work,
  device: DeviceRecord,
  cause: number | undefined,
): void {
  const { defects } = core;
  if (!defects.has('state-change-cause-forgotten'))
    device.stateChangeCause = cause === undefined ? undefined : (CAUSES[cause] ?? String(cause));
  // Any other report says that it is over.
  device.emergency = cause === EMERGENCY_PROFILE && !defects.has('emergency-does-not-hold');
  if (cause === RESET) {
    if (!defects.has('reset-keeps-association')) device.associated = false;
    if (!defects.has('reset-keeps-profiles')) device.profiles = [];
  }
  // The list could not be read before it ends, and its end is reported too.
  if (cause === EMERGENCY_PROFILE) return;
  if (cause === DEVICE_CHANGE && !defects.has('device-change-ignored'))
    queueOnce(core, work, device, { kind: 'ipaEuiccData', tagList: 'A9' }, 'device-info');
  else queueRefresh(core, work, device);
}

/** A listProfileInfo of the eIM's own accord; a signed answer also shows that the association holds. */
export function queueRefresh(core: EimCore, work: Work, device: DeviceRecord): void {
  if (core.defects.has('state-refresh-missing')) return;
  const tagList = core.version === '1.2' ? '5A9F709F26' : '5A9F70';
  const operations = [{ operation: 'listProfileInfo' as const, tagList }];
  queueOnce(core, work, device, { kind: 'package', operations }, 'refresh');
}

/** A report that is repeated because its answer was lost needs no second order. */
function queueOnce(
  core: EimCore,
  work: Work,
  device: DeviceRecord,
  request: OrderRequest,
  auto: AutoOrder,
): void {
  const waits = work.openOrders(device).some((order) => order.auto === auto && order.status === 'pending');
  if (core.autoRefresh && !waits) queueOrder(work, device, request, auto);
}
