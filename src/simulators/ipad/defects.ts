/** Which seeded defects an IPAd has. Code asks `defects.has(name)`, each name at one place only. */
import {
  chosenDefects,
  seededDefects,
  type DefectObserver,
  type DefectSet,
  type SeededDefect,
} from '../defect-set.js';
import { IPA_DEFECT_LIST } from '../ipa/defect-list.js';
import { IPAD_DEFECT_LIST } from './defect-list.js';

const LIST = { ...IPAD_DEFECT_LIST, ...IPA_DEFECT_LIST } as const;

export type IpadDefectName = keyof typeof LIST;

export type IpadDefect = SeededDefect<IpadDefectName>;

/** Every seeded defect of the built-in IPAd, those of the IPA in it included. */
export const IPAD_DEFECTS: readonly IpadDefect[] = seededDefects(LIST);

export type IpadDefects = DefectSet<IpadDefectName>;

/** @throws {Sgp33Error} `unknown-defect`, with the nearest name as the repair. */
export const ipadDefectsOf = (names: readonly string[], observer?: DefectObserver): IpadDefects =>
  chosenDefects(IPAD_DEFECTS, names, observer);
