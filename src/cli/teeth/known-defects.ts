/** The seeded defects of the built-in IUTs, by name. */
import { EIM_DEFECTS } from '../../simulators/eim/index.js';
import { SERVE_DEFECTS } from '../../simulators/eim/serve/index.js';
import { DEFECTS } from '../../simulators/euicc/index.js';
import { IPAD_DEFECTS } from '../../simulators/ipad/index.js';

const EIM = EIM_DEFECTS.map((d) => d.name);

export const KNOWN_DEFECTS: Readonly<Record<'eUICC' | 'IPAd' | 'eIM', readonly string[]>> = {
  eUICC: DEFECTS.map((d) => d.name),
  IPAd: IPAD_DEFECTS.map((d) => d.name),
  eIM: [...EIM, ...SERVE_DEFECTS.map((d) => d.name)],
};

/** Those that the IUT of a built-in target can have: without listeners none of theirs. */
export const defectsOfTarget = (target: string, iut: keyof typeof KNOWN_DEFECTS): readonly string[] =>
  target === 'builtin-eim-in-process' ? EIM : KNOWN_DEFECTS[iut];
