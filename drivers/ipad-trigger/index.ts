/** What makes a device under test poll, start and stop. */
export type * from './mapping.js';
export { LIFETIMES } from './mapping.js';
export { createIpadTriggers, type TriggerContext } from './triggers.js';
