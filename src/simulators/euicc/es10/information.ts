/** GetEUICCInfo, GetEID, GetEUICCChallenge, GetRAT, GetConnectivityParameters. */
import type { EuiccCore } from '../core.js';
import type { OperatorId, RatRule } from '../state.js';
import { enabledProfile, POLICY_RULES } from '../state.js';
import { hex, bitString, int, maybe, nothing, octets, unhex, utf8, wrap } from '../../tlv/writer.js';
import { must, readFields } from '../../tlv/reader.js';
import type { Es10Function } from './function.js';

/** SGP.22 5.7.8. */
export const getEuiccInfo1: Es10Function = (core) => {
  const signing = ciList(core, 0xaa);
  const other = wrap(0xaa, octets(0x04, new Uint8Array(20)));
  return wrap(
    0xbf20,
    octets(0x82, core.state.capabilities.svn),
    ciList(core, 0xa9),
    core.defects.has('info1-signing-list-differs') ? other : signing,
  );
};

/** SGP.32 5.9.2. */
export const getEuiccInfo2: Es10Function = (core) => {
  const c = core.state.capabilities;
  const operational = core.state.profiles.some((p) => p.profileClass === 'operational');
  return wrap(
    0xbf22,
    octets(0x81, c.profileVersion),
    octets(0x82, c.svn),
    octets(0x83, c.euiccFirmwareVer),
    octets(0x84, extCardResource(core)),
    bitString(0x85, c.uiccCapability),
    octets(0x86, c.ts102241Version),
    octets(0x87, c.globalplatformVersion),
    bitString(0x88, c.rspCapability),
    ciList(core, 0xa9),
    ciList(core, 0xaa),
    int(0x8b, c.euiccCategory),
    // A second Operational Profile can not bring PPR1 (SGP.22 2.9.2).
    operational && !core.defects.has('forbidden-pprs-from-rat-only')
      ? bitString(0x99, [POLICY_RULES.indexOf('ppr1')])
      : undefined,
    octets(0x04, c.ppVersion),
    utf8(0x0c, c.sasAcreditationNumber),
    treProperties(core),
    core.defects.has('ipa-mode-missing') ? undefined : int(0x90, core.state.ipaMode === 'ipad' ? 0 : 1),
    core.defects.has('iot-info-missing') ? undefined : iotSpecificInfo(core),
  );
};

function treProperties({ state: { capabilities: c }, defects }: EuiccCore): Uint8Array | undefined {
  const told = c.treProperties.length > 0 && !defects.has('tre-properties-missing');
  return told ? bitString(0x8d, c.treProperties) : undefined;
}

/** v1.0.1 knows the versions only. */
function iotSpecificInfo({ state: { capabilities: c }, defects, version }: EuiccCore): Uint8Array {
  const flags = version !== '1.0.1';
  const versions = defects.has('iot-version-empty') ? [] : c.iotVersion;
  return wrap(
    0xb4,
    wrap(0xa0, ...versions.map((v) => octets(0x04, v))),
    flags && c.ecallSupported && !defects.has('ecall-not-announced') ? nothing(0x81) : undefined,
    flags && c.fallbackSupported && !defects.has('fallback-not-announced') ? nothing(0x82) : undefined,
  );
}

function ciList({ ecasd, defects }: EuiccCore, tag: number): Uint8Array {
  const ids = ecasd.entries.map((entry) => octets(0x04, entry.ciPkId));
  if (tag === 0xa9 && defects.has('verification-list-without-signing-ci')) ids.shift();
  return wrap(tag, ...(defects.has('ci-list-reversed') ? ids.reverse() : ids));
}

const NVM = 1_500_000;
const PROFILE_SIZE = 60_000;

/** Applications, free non-volatile and volatile memory (ETSI TS 102 226 8.2.1.7.2). */
function extCardResource({ state, defects }: EuiccCore): Uint8Array {
  const used = state.profiles.length + (state.leaked ?? 0);
  const free = state.memoryFull ? 0 : Math.max(0, NVM - PROFILE_SIZE * used);
  const applications = state.profiles.length.toString(16).padStart(2, '0');
  const memory = free.toString(16).padStart(8, '0');
  if (defects.has('ext-card-resource-without-tags')) return unhex(`${applications}${memory}00004000`);
  return unhex(`8101${applications}8204${memory}830400004000`);
}

/** SGP.32 5.9.13: tagList `5A` is the one thing that can be asked. */
export const getEid: Es10Function = ({ state, defects }, { content }) => {
  const tagList = readFields(content, [0x5c]).octets(0x5c);
  if (!defects.has('eid-without-taglist') && hex(must(tagList)) !== '5A') must(undefined);
  const eid = state.eidCleared === true ? '0'.repeat(32) : state.eid;
  return wrap(
    0xbf3e,
    octets(0x5a, defects.has('eid-nibbles-swapped') ? eid.replace(/(.)(.)/g, '$2$1') : eid),
  );
};

/** SGP.22 5.7.7. */
export const getEuiccChallenge: Es10Function = ({ random, defects }) => {
  const length = defects.has('challenge-short') ? 15 : 16;
  const challenge = defects.has('challenge-constant') ? new Uint8Array(length).fill(0x5a) : random(length);
  return wrap(0xbf2e, octets(0x80, challenge));
};

/** SGP.22 5.7.22. */
export const getRat: Es10Function = (core) => wrap(0xbf43, wrap(0xa0, ...ratEntries(core)));

/** The entries of the RulesAuthorisationTable, also for the PSMO getRAT. */
export const ratEntries = ({ state, defects }: EuiccCore): Uint8Array[] =>
  defects.has('rat-empty') ? [] : state.rat.map(ratEntry);

function ratEntry(rule: RatRule): Uint8Array {
  return wrap(
    0x30,
    bitString(
      0x80,
      rule.pprIds.map((p) => POLICY_RULES.indexOf(p)),
    ),
    wrap(0xa1, ...rule.allowedOperators.map((o) => operatorId(0x30, o))),
    bitString(0x82, rule.consentRequired ? [0] : []),
  );
}

export const operatorId = (tag: number, o: OperatorId): Uint8Array =>
  wrap(
    tag,
    octets(0x80, o.mccMnc),
    maybe(o.gid1, (gid) => octets(0x81, gid)),
    maybe(o.gid2, (gid) => octets(0x82, gid)),
  );

/** SGP.32 5.9.24: what the enabled Profile holds, else parametersNotAvailable(1). */
export const getConnectivityParameters: Es10Function = ({ state }) => {
  const params = enabledProfile(state)?.httpParams;
  return wrap(0xbf5f, params === undefined ? int(0x81, 1) : wrap(0xa0, octets(0x81, params)));
};
