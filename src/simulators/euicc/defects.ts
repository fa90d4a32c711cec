/** Which seeded defects an eUICC has. Code asks `defects.has(name)`, each name at one place only. */
import { Sgp33Error } from '../../protocol/errors.js';
import { defectSet, type DefectObserver, type DefectSet } from '../defect-set.js';
import { DEFECT_LIST, type DefectName } from './defect-list.js';

export type { DefectName } from './defect-list.js';

export interface Defect {
  readonly name: DefectName;
  /** What goes wrong, one line. */
  readonly what: string;
  /** The clause that it breaks: `SGP.32 5.9.1`. */
  readonly clause: string;
}

/** Every seeded defect of the S_eUICC. */
export const DEFECTS: readonly Defect[] = Object.entries(DEFECT_LIST).map(([name, text]) => {
  const colon = text.indexOf(': ');
  return { name: name as DefectName, what: text.slice(colon + 2), clause: text.slice(0, colon) };
});

export type Defects = DefectSet<DefectName>;

/**
 * @param names as given by a user; each must be one of {@link DEFECTS}.
 * @throws {Sgp33Error} `unknown-defect`, with the nearest name as the repair.
 */
export function defectsOf(names: readonly string[], observer?: DefectObserver): Defects {
  const all = DEFECTS.map((d) => d.name);
  const known = new Set<string>(all);
  for (const name of names) {
    if (known.has(name)) continue;
    const near = nearest(name, [...known]);
    throw new Sgp33Error('unknown-defect', 'there is no seeded defect of that name', {
      actual: name,
      repair: near === undefined ? 'See the list of defects.' : `Did you mean "${near}"?`,
    });
  }
  return defectSet(all, names, observer);
}

/** The candidate with the fewest edits, unless more than half of the word differs. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.ceil(word.length / 2) + 1;
  for (const candidate of candidates) {
    const edits = distance(word, candidate);
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
