/** The public API: what the commands are made of, for programs that run sequences by themselves. */
export { loadSuite, type SuiteSource } from './engine/load-suite.js';
export { SuiteErrors } from './engine/suite-errors.js';
export { checkTarget, loadTarget, type Target } from './engine/load-target.js';
export { plan, select, type Decision, type Filter, type Planned } from './engine/plan.js';
export { runSequence, type SequenceRun } from './engine/run-sequence.js';
export { RunStore } from './engine/run-store.js';
export { Session, type SessionOptions } from './engine/session.js';
export { allSequences, type Sequence, type Suite, type TestCase } from './engine/suite.js';
export * from './engine/result.js';
export type {
  CardTransport,
  EuiccDriver,
  EuiccRequest,
  IutIdentity,
  Observation,
  PersonalisationRequest,
  TraceEvent,
} from '../drivers/contract.js';
export { TransportError } from '../drivers/contract.js';
export { createEuiccDriver, type EuiccDriverOptions } from '../drivers/euicc-session.js';
export { inProcessTransport } from '../drivers/in-process.js';
export { openPcsc, type OpenPcscOptions } from '../drivers/pcsc/open-pcsc.js';
export { listReaders } from '../drivers/pcsc/readers.js';
export {
  createEuicc,
  DEFECTS,
  serveEuicc,
  type EuiccOptions,
  type SEuicc,
} from './simulators/euicc/index.js';
export { decode, encode, type Decoded } from './protocol/asn1/index.js';
export { typeByName, type Sgp32Version } from './protocol/types/index.js';
export { loadPkiFolder, type PkiFolder } from './protocol/pki/folder.js';
export { Sgp33Error } from './protocol/errors.js';
