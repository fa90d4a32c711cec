/** S_eUICC, the software eUICC: what other parts of the tool use of it. */
export { createEuicc, defaultPersonalisation, type EuiccOptions, type SEuicc } from './create-euicc.js';
export { DEFECTS, type Defect, type DefectName } from './defects.js';
export {
  issueEuiccIdentity,
  newEid,
  type EuiccIdentity,
  type EuiccIdentityEntry,
  type IssueEuiccOptions,
} from './identity.js';
export type { PersonalisationInput } from './personalisation-schema.js';
export { serveEuicc, type ServedEuicc, type ServeEuiccOptions } from './serve.js';
