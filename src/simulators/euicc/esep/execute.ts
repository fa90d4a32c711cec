/** The operations of a package, one after the other, up to the first that does not succeed (SGP.32 3.3.1). */
import { Refused, SW } from '../os/status-word.js';
import { Malformed, readElement, readElements } from '../../tlv/reader.js';
import { int } from '../../tlv/writer.js';
import { executeEco } from './eco.js';
import { forcedResult } from './forced-fault.js';
import type { PackageRequest } from './package-request.js';
import type { OperationResult, PackageRun } from './package-run.js';
import { executePsmo } from './psmo.js';

/** processingTerminated, `02`. */
const RESULT_SIZE_OVERFLOW = int(0x02, 1);
const UNKNOWN_OR_DAMAGED = int(0x02, 2);
const INTERRUPTION = int(0x02, 3);

export interface Execution {
  /** EuiccResultData elements, one for each operation that ran. */
  readonly results: Uint8Array[];
  /** An operation failed, or the list was cut short. */
  readonly failed: boolean;
  readonly interrupted: boolean;
}

/** Damage in the list is met when its turn comes: what stands before it has been executed. */
export function executeOperations(run: PackageRun, { kind, operations }: PackageRequest): Execution {
  const { state, defects } = run.core;
  const interruptAt = takeInterruption(run, operations);
  const results: Uint8Array[] = [];
  let size = 0;
  let failed = false;
  for (let at = 0, count = 0; ; count++) {
    if (count === interruptAt)
      return { results: [...results, INTERRUPTION], failed: true, interrupted: true };
    if (at >= operations.length) return { results, failed, interrupted: false };
    const step = next(run, kind, operations, at, count);
    at = step.end;
    if (step.outcome === 'damaged') {
      if (defects.has('damaged-psmo-status-word')) throw new Refused(SW.wrongData);
      return { results: [...results, UNKNOWN_OR_DAMAGED], failed: true, interrupted: false };
    }
    if (step.outcome === 'skipped') continue;
    const { element, ok } = step.outcome;
    size += element.length;
    if (size > state.limits.maxResponseSize && !defects.has('response-limit-ignored'))
      return { results: [...results, RESULT_SIZE_OVERFLOW], failed: true, interrupted: false };
    results.push(element);
    failed ||= !ok;
    if (!ok && !defects.has('continue-after-failed-psmo')) return { results, failed, interrupted: false };
  }
}

type Outcome = OperationResult | 'damaged' | 'skipped';

function next(
  run: PackageRun,
  kind: PackageRequest['kind'],
  operations: Uint8Array,
  at: number,
  count: number,
): { end: number; outcome: Outcome } {
  let end = operations.length;
  let known = false;
  try {
    const operation = readElement(operations, at);
    end = at + operation.raw.length;
    known = (kind === 'psmoList' ? PSMO_TAGS : ECO_TAGS).has(operation.tag);
    const forced = forcedResult(run.core, kind, operation.tag, count);
    if (forced !== undefined) return { end, outcome: { element: forced, ok: false } };
    return { end, outcome: kind === 'psmoList' ? executePsmo(run, operation) : executeEco(run, operation) };
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof Refused)) throw error;
    return { end, outcome: !known && run.core.defects.has('unknown-psmo-skipped') ? 'skipped' : 'damaged' };
  }
}

const PSMO_TAGS: ReadonlySet<number> = new Set([0xa3, 0xa4, 0xa5, 0xbf2d, 0xa6, 0xa7, 0xa8, 0xa9, 0xbf65]);
const ECO_TAGS: ReadonlySet<number> = new Set([0xa8, 0xa9, 0xaa, 0xab]);

/** The operation before which power fails, for the personaliser's `interrupt-next-package`; undefined: none. */
function takeInterruption({ core: { state } }: PackageRun, operations: Uint8Array): number | undefined {
  const after = state.interruptAfter;
  if (after === undefined) return undefined;
  delete state.interruptAfter;
  if (after >= 0) return after;
  return Math.floor(countOf(operations) / 2);
}

function countOf(operations: Uint8Array): number {
  try {
    return readElements(operations).length;
  } catch {
    return 0;
  }
}
