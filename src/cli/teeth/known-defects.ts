/** The seeded defects of each built-in IUT, by name. */
import { EIM_DEFECTS } from '../../simulators/eim/index.js';
import { SERVE_DEFECTS } from '../../simulators/eim/serve/index.js';
import { DEFECTS } from '../../simulators/euicc/index.js';
import { IPAD_DEFECTS } from '../../simulators/ipad/index.js';

export const KNOWN_DEFECTS: Readonly<Record<'eUICC' | 'IPAd' | 'eIM', readonly string[]>> = {
  eUICC: DEFECTS.map((d) => d.name),
  IPAd: IPAD_DEFECTS.map((d) => d.name),
  eIM: [...EIM_DEFECTS, ...SERVE_DEFECTS].map((d) => d.name),
};
