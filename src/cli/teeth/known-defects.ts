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

/** Defects of an eIM that show on a target of this name alone: another speaks another binding or transport. */
const OWN: readonly (readonly [target: RegExp, defects: RegExp])[] = [
  [/^builtin-eim-.*json$/, /^json-/],
  [/^builtin-eim-.*coap$/, /^coap-/],
];

/** Those that only a target as this one can show. */
export const ownDefectsOfTarget = (target: string): readonly string[] =>
  OWN.filter(([names]) => names.test(target)).flatMap(([, defects]) =>
    KNOWN_DEFECTS.eIM.filter((name) => defects.test(name)),
  );

/** Those that the IUT of a built-in target can have: without listeners none of theirs. */
export function defectsOfTarget(target: string, iut: keyof typeof KNOWN_DEFECTS): readonly string[] {
  if (target === 'builtin-eim-in-process') return EIM;
  const foreign = OWN.filter(([names]) => !names.test(target)).map(([, defects]) => defects);
  return iut === 'eIM'
    ? KNOWN_DEFECTS.eIM.filter((name) => !foreign.some((defects) => defects.test(name)))
    : KNOWN_DEFECTS[iut];
}
