/** ES10b.eUICCMemoryReset (SGP.32 5.9.5). */
import type { EuiccCore } from '../core.js';
import { removeEims } from '../eim-configuration.js';
import { notify } from '../notifications.js';
import { requestSwitch } from '../profile-switch.js';
import { enabledProfile, type Profile } from '../state.js';
import { must, readFields } from '../../tlv/reader.js';
import { int, maybe, wrap } from '../../tlv/writer.js';
import { isBusy, type Es10Function } from './function.js';
import { isEmergency } from './switch-functions.js';

const OK = 0;
const NOTHING_TO_DELETE = 1;
const NOT_SUPPORTED = 2;
const IEC_NOT_SUPPORTED = 1;
const CAT_BUSY = 5;
const ECALL_ACTIVE = 104;

const RESET_DP_ADDRESS = 2;

/** The function under a tag: which bits mean what, and how the result is written. */
interface Form {
  readonly tag: number;
  readonly resultTag: number;
  readonly resetEims: number;
  readonly resetImmediateEnable: number;
  /** Which Profiles an option bit removes. */
  readonly removes: readonly (readonly [bit: number, matches: (p: Profile) => boolean])[];
}

const REMOVES = [
  [0, (p: Profile) => p.profileClass === 'operational'],
  [1, (p: Profile) => p.profileClass === 'test' && p.origin === 'field'],
] as const;

const V1_2: Form = {
  tag: 0xbf64,
  resultTag: 0x80,
  resetEims: 5,
  resetImmediateEnable: 6,
  removes: [
    ...REMOVES,
    [3, (p) => p.profileClass === 'test' && p.origin === 'preloaded'],
    [4, (p) => p.profileClass === 'provisioning'],
  ],
};

/** The bits 3 and 4 have another meaning, and the first field keeps its universal tag. */
const V1_0_1: Form = {
  tag: 0xbf34,
  resultTag: 0x02,
  resetEims: 3,
  resetImmediateEnable: 4,
  removes: REMOVES,
};

export const euiccMemoryReset: Es10Function = (core, { content }) => memoryReset(core, content, V1_2);

export const euiccMemoryResetV1_0_1: Es10Function = (core, { content }) => memoryReset(core, content, V1_0_1);

function memoryReset(core: EuiccCore, content: Uint8Array, form: Form): Uint8Array {
  const { tag, resultTag, resetEims: eimBit, resetImmediateEnable: immediateBit } = form;
  const options = must(readFields(content, [0x82]).bits(0x82));
  const refused = refusal(core);
  if (refused !== undefined) return wrap(tag, int(resultTag, refused));
  const profiles = removeProfiles(core, options, form);
  const address = options.includes(RESET_DP_ADDRESS) ? resetAddress(core) : NOTHING_TO_DELETE;
  const eims = options.includes(eimBit) ? resetEims(core) : undefined;
  const immediate = options.includes(immediateBit) ? resetImmediateEnable(core) : undefined;
  const others = eims === OK || immediate === OK;
  const onlyOthers = !options.some((bit) => bit !== eimBit && bit !== immediateBit);
  const result = profiles === OK || address === OK || (others && onlyOthers) ? OK : NOTHING_TO_DELETE;
  const eimResult = core.defects.has('memory-reset-result-missing') ? undefined : eims;
  return wrap(
    tag,
    int(resultTag, result),
    maybe(eimResult, (code) => int(0x81, code)),
    maybe(immediate, (code) => int(0x82, code)),
  );
}

function refusal(core: EuiccCore): number | undefined {
  if (isEmergency(core) && !core.defects.has('memory-reset-during-ecall')) return ECALL_ACTIVE;
  return isBusy(core) ? CAT_BUSY : undefined;
}

/** PPR2 does not protect from a memory reset; an enabled Profile is disabled on the way. */
function removeProfiles(core: EuiccCore, options: readonly number[], { removes }: Form): number {
  const { state, defects } = core;
  const kinds = removes.filter(([bit]) => options.includes(bit)).map(([, matches]) => matches);
  const gone = state.profiles.filter((p) => kinds.some((matches) => matches(p)));
  if (gone.length === 0) return NOTHING_TO_DELETE;
  const current = enabledProfile(state);
  const change = current !== undefined && gone.includes(current);
  if (change) requestSwitch(core, null, { refresh: true, notifications: false });
  if (!defects.has('memory-reset-without-notifications'))
    for (const profile of gone) notify(core, profile, 'notificationDelete');
  for (const profile of gone) {
    if (state.rollback?.previousIccid === profile.iccid) delete state.rollback;
    if (state.fallbackReturn === profile.iccid) delete state.fallbackReturn;
  }
  if (change) state.pendingChange?.deletions.push(current.iccid);
  state.profiles = state.profiles.filter((p) => !gone.includes(p) || p === current);
  return OK;
}

function resetAddress({ state, defects }: EuiccCore): number {
  if (!defects.has('memory-reset-keeps-dp-address')) state.defaultDpAddress = state.initialDefaultDpAddress;
  return OK;
}

function resetEims(core: EuiccCore): number {
  const { state, defects } = core;
  if (!state.capabilities.eimResetSupported) return NOT_SUPPORTED;
  if (defects.has('eid-cleared-by-memory-reset')) state.eidCleared = true;
  if (state.eims.length === 0) return NOTHING_TO_DELETE;
  if (!defects.has('memory-reset-keeps-eims')) removeEims(core, () => true);
  return OK;
}

function resetImmediateEnable({ state }: EuiccCore): number {
  if (!state.capabilities.immediateEnableSupported) return IEC_NOT_SUPPORTED;
  delete state.immediateEnable;
  return OK;
}
