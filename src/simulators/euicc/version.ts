/** What SGP.32 v1.0.1 has otherwise than v1.2, as far as it is not in one function only. */
import type { Personalisation } from './personalisation-schema.js';

export type CardVersion = '1.0.1' | '1.2';

const UNDEFINED_ERROR = 127;

/** Codes of v1.2 that v1.0.1 does not have, by the tag of the EuiccResultData. */
const NOT_IN_1_0_1: ReadonlyMap<number, readonly number[]> = new Map([
  [0x83, [3, 5, 20]],
  [0x84, [3, 5]],
  [0x85, [3, 20, 21]],
]);

/** The result code as a card of that version tells it. */
export function toldCode(version: CardVersion, resultTag: number, code: number): number {
  const unknown = version === '1.0.1' && NOT_IN_1_0_1.get(resultTag)?.includes(code) === true;
  return unknown ? UNDEFINED_ERROR : code;
}

/** 010001, for a card whose personalisation names later versions only. */
const IOT_VERSION_1_0_1 = '010001';

/** A card tells no version of SGP.32 above its own in EUICCInfo2. */
export function ofVersion(from: Personalisation, version: CardVersion): Personalisation {
  if (version === '1.2') return from;
  const older = from.capabilities.iotVersion.filter((v) => v <= IOT_VERSION_1_0_1);
  const iotVersion = older.length === 0 ? [IOT_VERSION_1_0_1] : older;
  return { ...from, capabilities: { ...from.capabilities, iotVersion } };
}
