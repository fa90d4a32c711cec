/** Every ASN.1 type of SGP.32 v1.2 and v1.0.1, and of SGP.22 v2.5 as far as they build on it. */
export * from './fci.js';
export * from './rsp.js';
export * from './sgp32.js';
/** Types as v1.0.1 has them, where they differ: `V1_0_1.ProvideEimPackageResult`. */
export * as V1_0_1 from './v1-0-1.js';
export { closest } from './closest.js';
export {
  ES10_FUNCTIONS,
  es10FunctionByName,
  es10FunctionByTag,
  type Es10Function,
  type Es10Interface,
} from './es10-functions.js';
export { otherVersion, type OtherVersion } from './other-version.js';
export { SGP32_VERSIONS, typeByName, typesFor, type Sgp32Version, type Types } from './versions.js';
