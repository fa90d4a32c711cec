/** Names the version that a message is of, when it is not of the one that was expected. */
import { decode, type Decoded } from '../asn1/decode.js';
import { SGP32_VERSIONS, typesFor, type Sgp32Version } from './versions.js';

export interface OtherVersion {
  readonly version: Sgp32Version;
  /** The type's name in that version (some were renamed). */
  readonly type: string;
  /** `this is v1.0.1's ProvideEimPackageResult` */
  readonly message: string;
}

/** Types that changed their name from v1.0.1 to v1.2. */
const RENAMED: readonly (readonly [v1_0_1: string, v1_2: string])[] = [
  ['EnableUsingDDRequest', 'ImmediateEnableRequest'],
  ['EnableUsingDDResponse', 'ImmediateEnableResponse'],
  ['ConfigureAutoProfileEnablingRequest', 'ConfigureImmediateProfileEnablingRequest'],
  ['ConfigureAutoProfileEnablingResponse', 'ConfigureImmediateProfileEnablingResponse'],
  ['ConfigureAutoEnableResult', 'ConfigureImmediateEnableResult'],
];

const namesOf = (typeName: string): readonly string[] =>
  RENAMED.find((pair) => pair.includes(typeName)) ?? [typeName];

/** Neither a violation nor anything that the type does not know by name. */
const isClean = (decoded: Decoded<unknown>): boolean =>
  decoded.ok && !decoded.findings.some((f) => f.code === 'unknown-element' || f.code === 'unnamed-value');

/**
 * Says whether bytes that are no clean `typeName` of `version` are one of the other version. An unknown element or
 * an unnamed value counts as unclean: a v1.2 decoder reads v1.0.1's rPLMN as a stateChangeCause without an error.
 * Undefined when the bytes fit `version`, or neither.
 */
export function otherVersion(
  version: Sgp32Version,
  typeName: string,
  bytes: Uint8Array,
): OtherVersion | undefined {
  const own = typesFor(version)[typeName];
  if (own !== undefined && isClean(decode(own, bytes))) return undefined;
  for (const other of SGP32_VERSIONS) {
    if (other === version) continue;
    for (const name of namesOf(typeName)) {
      const type = typesFor(other)[name];
      if (type !== undefined && isClean(decode(type, bytes)))
        return { version: other, type: name, message: `this is v${other}'s ${name}` };
    }
  }
  return undefined;
}
