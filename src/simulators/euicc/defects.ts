/** Which seeded defects an eUICC has. Code asks `defects.has(name)`, each name at one place only. */
import {
  chosenDefects,
  seededDefects,
  type DefectObserver,
  type DefectSet,
  type SeededDefect,
} from '../defect-set.js';
import { DEFECT_LIST, type DefectName } from './defect-list.js';

export type { DefectName } from './defect-list.js';

export type Defect = SeededDefect<DefectName>;

/** Every seeded defect of the S_eUICC. */
export const DEFECTS: readonly Defect[] = seededDefects(DEFECT_LIST);

export type Defects = DefectSet<DefectName>;

/** @throws {Sgp33Error} `unknown-defect`, with the nearest name as the repair. */
export const defectsOf = (names: readonly string[], observer?: DefectObserver): Defects =>
  chosenDefects(DEFECTS, names, observer);
