/** ES10b.GetProfilesInfo (SGP.32 5.9.14), also the PSMO listProfileInfo. */
import type { EuiccCore } from '../core.js';
import { EVENTS, POLICY_RULES, PROFILE_CLASSES, type Profile } from '../state.js';
import { Malformed, readElements, readFields } from '../../tlv/reader.js';
import { bitString, bool, hex, int, maybe, octets, utf8, wrap } from '../../tlv/writer.js';
import type { Es10Function } from './function.js';
import { operatorId } from './information.js';

/** profileInfoListError. */
const INCORRECT_INPUT_VALUES = 1;
const PROFILE_CHANGE_ONGOING = 11;

const DEFAULT_TAGS = [0x5a, 0x4f, 0x9f70, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x9f7b, 0x9f26, 0x9f67];

export const getProfilesInfo: Es10Function = (core, request) =>
  profileInfoList(core, request.content, core.state.pendingChange !== undefined).response;

/** @param changing a change of the enabled Profile is under way: the list would not be true. */
export function profileInfoList(
  core: EuiccCore,
  content: Uint8Array,
  changing: boolean,
): { response: Uint8Array; ok: boolean } {
  const fields = readFields(content, [0xa0, 0x5c]);
  const tags = tagListOf(core, fields.octets(0x5c));
  if (changing) return failure(PROFILE_CHANGE_ONGOING);
  const matches = matcher(core, fields.octets(0xa0));
  if (matches === undefined) return failure(INCORRECT_INPUT_VALUES);
  const found = core.state.profiles.filter(matches);
  if (found.length === 0 && fields.has(0xa0) && core.defects.has('no-match-error')) return failure(127);
  const list = found.map((profile) => profileInfo(core, profile, tags));
  return { response: wrap(0xbf2d, wrap(0xa0, ...list)), ok: true };
}

const failure = (code: number): { response: Uint8Array; ok: boolean } => ({
  response: wrap(0xbf2d, int(0x81, code)),
  ok: false,
});

/** Undefined for a criterion that can not be one. */
function matcher(
  { defects }: EuiccCore,
  criteria: Uint8Array | undefined,
): ((p: Profile) => boolean) | undefined {
  if (criteria === undefined || defects.has('search-ignored')) return () => true;
  const [criterion, ...more] = readElements(criteria);
  if (criterion === undefined || more.length > 0) return undefined;
  const { tag, content } = criterion;
  const value = hex(content);
  if (tag === 0x5a && (content.length === 10 || defects.has('bad-criteria-accepted')))
    return (p) => p.iccid === value;
  if (tag === 0x4f && content.length >= 1 && content.length <= 16) return (p) => p.isdpAid === value;
  const profileClass = content.length === 1 ? PROFILE_CLASSES[content[0] as number] : undefined;
  if (tag === 0x95 && profileClass !== undefined) return (p) => p.profileClass === profileClass;
  return undefined;
}

/** Tags one after the other; none asked means the default. */
function tagListOf({ defects }: EuiccCore, list: Uint8Array | undefined): ReadonlySet<number> {
  if (list === undefined || list.length === 0 || defects.has('tag-list-ignored'))
    return new Set(DEFAULT_TAGS);
  const tags = new Set<number>();
  for (let at = 0; at < list.length;) {
    let tag = list[at++] as number;
    if ((tag & 0x1f) === 0x1f) {
      let octet: number;
      do {
        if (at >= list.length || tag > 0xffff) throw new Malformed('tagList');
        octet = list[at++] as number;
        tag = tag * 256 + octet;
      } while (octet >= 0x80);
    }
    tags.add(tag);
  }
  return tags;
}

/** In v1.0.1 it is the type of SGP.22, without what SGP.32 adds. */
function profileInfo({ defects, version }: EuiccCore, p: Profile, tags: ReadonlySet<number>): Uint8Array {
  const added = version === '1.0.1' ? [0x9f7b, 0x9f26, 0x9f67] : [];
  const fallback = p.fallbackAttribute || defects.has('fallback-attribute-false-encoded');
  const fields: [number, Uint8Array | undefined][] = [
    [0x5a, octets(0x5a, p.iccid)],
    [0x4f, octets(0x4f, p.isdpAid)],
    [0x9f70, int(0x9f70, p.profileState === 'enabled' ? 1 : 0)],
    [0x90, maybe(p.profileNickname, (v) => utf8(0x90, v))],
    [0x91, utf8(0x91, p.serviceProviderName)],
    [0x92, utf8(0x92, p.profileName)],
    [0x93, maybe(p.iconType, (v) => int(0x93, v === 'jpg' ? 0 : 1))],
    [0x94, maybe(p.icon, (v) => octets(0x94, v))],
    [0x95, int(0x95, PROFILE_CLASSES.indexOf(p.profileClass))],
    [0xb6, notificationConfigurationInfo(p)],
    [0xb7, maybe(p.profileOwner, (v) => operatorId(0xb7, v))],
    [0xb8, maybe(p.dpOid, (v) => wrap(0xb8, octets(0x80, v)))],
    [0x99, policyRules(p)],
    [0x9f7b, bool(0x9f7b, p.ecallIndication)],
    // DEFAULT FALSE is not encoded in DER.
    [0x9f26, fallback ? bool(0x9f26, p.fallbackAttribute) : undefined],
    [0x9f67, bool(0x9f67, p.fallbackAllowed)],
  ];
  return wrap(
    0xe3,
    ...fields.filter(([tag]) => tags.has(tag) && !added.includes(tag)).map(([, field]) => field),
  );
}

function policyRules(p: Profile): Uint8Array | undefined {
  if (p.profilePolicyRules.length === 0) return undefined;
  return bitString(
    0x99,
    p.profilePolicyRules.map((rule) => POLICY_RULES.indexOf(rule)),
  );
}

function notificationConfigurationInfo(p: Profile): Uint8Array | undefined {
  if (p.notificationConfigurationInfo.length === 0) return undefined;
  const entries = p.notificationConfigurationInfo.map((entry) =>
    wrap(
      0x30,
      bitString(
        0x80,
        entry.profileManagementOperation.map((event) => EVENTS.indexOf(event)),
      ),
      utf8(0x81, entry.notificationAddress),
    ),
  );
  return wrap(0xb6, ...entries);
}
