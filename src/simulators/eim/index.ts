/** S_eIM, the eIM made of software: what other parts of the tool use of it. */
export { createEim } from './create-eim.js';
export { EIM_DEFECTS, type EimDefect, type EimDefectName } from './defects.js';
export type { EimOptions } from './options.js';
export { EimRefusal, EsipaRefusal, StoreFailure } from './refusals.js';
export type * from './types.js';
