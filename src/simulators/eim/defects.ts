/** Which seeded defects an eIM has. Code asks `defects.has(name)`, each name at one place only. */
import { meant } from '../../protocol/did-you-mean.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { defectSet, type DefectObserver, type DefectSet } from '../defect-set.js';
import { EIM_DEFECT_LIST, type EimDefectName } from './defect-list.js';

export type { EimDefectName } from './defect-list.js';

export interface EimDefect {
  readonly name: EimDefectName;
  /** What goes wrong, one line. */
  readonly what: string;
  /** The clause that it breaks: `SGP.32 5.14.6`. */
  readonly clause: string;
}

/** Every seeded defect of the S_eIM. */
export const EIM_DEFECTS: readonly EimDefect[] = Object.entries(EIM_DEFECT_LIST).map(([name, text]) => {
  const colon = text.indexOf(': ');
  return { name: name as EimDefectName, what: text.slice(colon + 2), clause: text.slice(0, colon) };
});

export type Defects = DefectSet<EimDefectName>;

/**
 * @param names as given by a user; each must be one of {@link EIM_DEFECTS}.
 * @throws {Sgp33Error} `unknown-defect`, with the nearest name as the repair.
 */
export function defectsOf(names: readonly string[], observer?: DefectObserver): Defects {
  const all = EIM_DEFECTS.map((d) => d.name);
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
