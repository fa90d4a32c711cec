/** How a device under test is made to act: commands, its own process, HTTP calls, a person, or nothing but patience. */
export { createIpadTriggers, type TriggerContext } from './create-triggers.js';
export { LIFETIMES } from './mapping.js';
export type * from './mapping.js';
