/** What the operations of one package share while it runs. */
import type { EuiccCore } from '../core.js';
import type { EuiccState } from '../state.js';

export interface OperationResult {
  /** One EuiccResultData. */
  readonly element: Uint8Array;
  /** False ends the package (SGP.32 3.3.1). */
  readonly ok: boolean;
}

export interface PackageRun {
  readonly core: EuiccCore;
  /** The state before the first operation. */
  readonly before: EuiccState;
  /** A proactive session was running when the package came. */
  readonly busy: boolean;
  /** A Profile changed: listProfileInfo would not be true any more. */
  changed: boolean;
  enables: number;
  disables: number;
  /** From an enable with rollbackFlag. */
  rollback?: { readonly previousIccid: string; readonly notifications: number[] };
}
