/** Which seeded defects the listeners have, and which are left for the eIM behind them. */
import { SERVE_DEFECT_LIST, type ServeDefectName } from './defect-list.js';

export interface ServeDefects {
  has(name: ServeDefectName): boolean;
}

/**
 * Splits names as given by a user: what is no defect of the listeners is for `createEim`, which knows its own and
 * refuses what nobody knows.
 */
export function splitDefects(names: readonly string[]): { serve: ServeDefects; core: readonly string[] } {
  const own = new Set(names.filter((name) => Object.hasOwn(SERVE_DEFECT_LIST, name)));
  return {
    serve: { has: (name) => own.has(name) },
    core: names.filter((name) => !own.has(name)),
  };
}

/** Of a listener without mistakes. */
export const NO_DEFECTS: ServeDefects = { has: () => false };
