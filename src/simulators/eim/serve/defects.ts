/** Which seeded defects the listeners have, and which are left for the eIM behind them. */
import { defectSet, type DefectObserver, type DefectSet } from '../../defect-set.js';
import { SERVE_DEFECT_LIST, SERVE_DEFECTS, type ServeDefectName } from './defect-list.js';

export type ServeDefects = DefectSet<ServeDefectName>;

/**
 * Splits names as given by a user: what is no defect of the listeners is for `createEim`, which knows its own and
 * refuses what nobody knows.
 */
export function splitDefects(
  names: readonly string[],
  observer?: DefectObserver,
): { serve: ServeDefects; core: readonly string[] } {
  return {
    serve: defectSet(
      SERVE_DEFECTS.map((d) => d.name),
      names,
      observer,
    ),
    core: names.filter((name) => !Object.hasOwn(SERVE_DEFECT_LIST, name)),
  };
}

/** Of a listener without mistakes. */
export const NO_DEFECTS: ServeDefects = { has: () => false };
