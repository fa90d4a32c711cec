/** What a successful operation changes in the eIM's picture of a device (SGP.32 3.4, 3.5). */
import type { EimCore } from './core.js';
import { tagsOf } from './hex-input.js';
import type { ListedProfile } from './operation-outcome.js';
import type { DeviceRecord } from './records.js';
import { isSuccess } from './queue.js';
import type { DeviceProfile, EimConfiguration, OperationOutcome, PackageOperation } from './types.js';
import { spkiOf } from './check-eim-configuration.js';

/** @returns true when the eIM deleted itself. */
export function applyOperation(
  core: EimCore,
  device: DeviceRecord,
  operation: PackageOperation,
  outcome: OperationOutcome,
): boolean {
  const { defects } = core;
  const failed = !isSuccess(outcome);
  if (failed && operation.operation === 'addEim' && defects.has('failed-eim-stored'))
    device.eims = [...new Set([...device.eims, operation.eim.eimId])];
  if (failed && !defects.has('failed-operation-applied')) return false;
  switch (operation.operation) {
    case 'enable': {
      const others = defects.has('implicit-disable-forgotten')
        ? device.profiles
        : device.profiles.map((p): DeviceProfile => ({ ...p, state: 'disabled' }));
      device.profiles = change(others, operation.iccid, { state: 'enabled' });
      return false;
    }
    case 'disable':
      device.profiles = change(device.profiles, operation.iccid, { state: 'disabled' });
      return false;
    case 'delete':
      if (!defects.has('deleted-profile-kept'))
        device.profiles = device.profiles.filter((p) => p.iccid !== operation.iccid);
      return false;
    case 'listProfileInfo':
      applyList(core, device, operation, outcome);
      return false;
    case 'setFallbackAttribute': {
      const others = defects.has('old-fallback-mark-kept')
        ? device.profiles
        : withoutFallback(device.profiles);
      device.profiles = change(others, operation.iccid, { fallbackAttribute: true });
      return false;
    }
    case 'unsetFallbackAttribute':
      if (!defects.has('unset-fallback-mark-kept')) device.profiles = withoutFallback(device.profiles);
      return false;
    case 'setDefaultDpAddress':
      if (!defects.has('dp-address-not-recorded')) device.defaultDpAddress = operation.defaultDpAddress;
      return false;
    case 'addEim':
      device.eims = [...new Set([...device.eims, operation.eim.eimId])];
      return false;
    case 'deleteEim':
      device.eims = device.eims.filter((eimId) => eimId !== operation.eimId);
      if (operation.eimId !== core.eimId || defects.has('self-deletion-ignored')) return false;
      device.associated = false;
      return true;
    case 'updateEim':
      applyUpdate(core, device, operation.eim);
      return false;
    case 'listEim':
      device.eims =
        (outcome.data as { eimId: string }[] | undefined)?.map(({ eimId }) => eimId) ?? device.eims;
      return false;
    default:
      return false;
  }
}

const withoutFallback = (profiles: readonly DeviceProfile[]): DeviceProfile[] =>
  profiles.map((p) => ({ ...p, fallbackAttribute: false }));

/** A Profile that the eIM did not know of is known now. */
function change(
  profiles: readonly DeviceProfile[],
  iccid: string,
  changes: Partial<DeviceProfile>,
): DeviceProfile[] {
  const known = profiles.some((p) => p.iccid === iccid);
  const all = known
    ? profiles
    : [...profiles, { iccid, state: 'disabled' as const, fallbackAttribute: false }];
  return all.map((p) => (p.iccid === iccid ? { ...p, ...changes } : p));
}

type ListProfileInfo = Extract<PackageOperation, { operation: 'listProfileInfo' }>;

/** The whole list replaces what was known; a list with criteria tells of some only. */
function applyList(
  { defects }: EimCore,
  device: DeviceRecord,
  { searchCriteria: criteria, tagList }: ListProfileInfo,
  outcome: OperationOutcome,
): void {
  const listed = (outcome.data as ListedProfile[] | undefined) ?? [];
  const tags = tagList === undefined ? undefined : tagsOf(tagList, 'invalid-tag-list');
  if (tags?.includes(0x5a) === false) return;
  if (listed.length === 0 && defects.has('empty-list-ignored')) return;
  const tellsFallback = tags?.includes(0x9f26) !== false;
  const profiles = listed.flatMap(({ iccid, profileState, fallbackAttribute }): DeviceProfile[] => {
    if (iccid === undefined) return [];
    const known = device.profiles.find((p) => p.iccid === iccid);
    return [
      {
        iccid,
        state: profileState ?? known?.state ?? 'disabled',
        fallbackAttribute: tellsFallback ? fallbackAttribute : (known?.fallbackAttribute ?? false),
      },
    ];
  });
  const some = criteria !== undefined || defects.has('list-merged');
  const gone =
    criteria !== undefined && 'iccid' in criteria && profiles.length === 0 ? criteria.iccid : undefined;
  const others = device.profiles.filter(
    (p) => p.iccid !== gone && !profiles.some((listedOne) => listedOne.iccid === p.iccid),
  );
  device.profiles = some ? [...others, ...profiles] : profiles;
}

/** Of the eIM's own entry: the next package is signed with the new key, and counted from the new counter. */
function applyUpdate(core: EimCore, device: DeviceRecord, eim: EimConfiguration): void {
  if (eim.eimId !== core.eimId) return;
  const spki = spkiOf(eim);
  if (spki !== undefined) device.signingIdentity = core.keys.identityOf(spki);
  if (eim.counterValue === undefined || core.defects.has('updated-counter-ignored')) return;
  const lower = spki !== undefined;
  device.counterValue = lower ? eim.counterValue : Math.max(device.counterValue, eim.counterValue);
}
