/** Which seeded defects an IPAd has. Code asks `defects.has(name)`, each name at one place only. */
import { meant } from '../../protocol/did-you-mean.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { defectSet, type DefectObserver, type DefectSet } from '../defect-set.js';
import { IPA_DEFECT_LIST } from '../ipa/defect-list.js';
import { IPAD_DEFECT_LIST } from './defect-list.js';

const LIST = { ...IPAD_DEFECT_LIST, ...IPA_DEFECT_LIST } as const;

export type IpadDefectName = keyof typeof LIST;

export interface IpadDefect {
  readonly name: IpadDefectName;
  /** What goes wrong, one line. */
  readonly what: string;
  /** The clause that it breaks: `SGP.32 3.3.1`. */
  readonly clause: string;
}

/** Every seeded defect of the built-in IPAd, those of the IPA in it included. */
export const IPAD_DEFECTS: readonly IpadDefect[] = Object.entries(LIST).map(([name, text]) => {
  const colon = text.indexOf(': ');
  return { name: name as IpadDefectName, what: text.slice(colon + 2), clause: text.slice(0, colon) };
});

export type IpadDefects = DefectSet<IpadDefectName>;

/**
 * @param names as given by a user; each must be one of {@link IPAD_DEFECTS}.
 * @throws {Sgp33Error} `unknown-defect`, with the nearest name as the repair.
 */
export function ipadDefectsOf(names: readonly string[], observer?: DefectObserver): IpadDefects {
  const all = IPAD_DEFECTS.map((d) => d.name);
  const known = new Set<string>(all);
  for (const name of names) {
    if (known.has(name)) continue;
    throw new Sgp33Error('unknown-defect', 'there is no seeded defect of that name', {
      actual: name,
      repair: meant(name, known) ?? 'See the list of defects.',
    });
  }
  return defectSet(all, names, observer);
}
