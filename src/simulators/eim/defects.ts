/** Which seeded defects an eIM has. Code asks `defects.has(name)`, each name at one place only. */
import {
  chosenDefects,
  seededDefects,
  type DefectObserver,
  type DefectSet,
  type SeededDefect,
} from '../defect-set.js';
import { EIM_DEFECT_LIST, type EimDefectName } from './defect-list.js';

export type { EimDefectName } from './defect-list.js';

export type EimDefect = SeededDefect<EimDefectName>;

/** Every seeded defect of the S_eIM. */
export const EIM_DEFECTS: readonly EimDefect[] = seededDefects(EIM_DEFECT_LIST);

export type Defects = DefectSet<EimDefectName>;

/** @throws {Sgp33Error} `unknown-defect`, with the nearest name as the repair. */
export const defectsOf = (names: readonly string[], observer?: DefectObserver): Defects =>
  chosenDefects(EIM_DEFECTS, names, observer);
