/** A vendor's management API as a target maps it. */
export { createManagementApi, type ManagementContext } from './api.js';
export type * from './mapping.js';
export type { AskPerson } from './prompt-call.js';
