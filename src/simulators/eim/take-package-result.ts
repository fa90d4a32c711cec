/** A result of an eUICC Package: checked, mapped to its operations, applied, once (SGP.32 3.3.1, 5.14.6). */
import { Malformed } from '../tlv/reader.js';
import { applyOperation } from './apply-operation.js';
import { integerOf } from './ber.js';
import { sha256 } from './build-package.js';
import type { EimCore } from './core.js';
import { outcomeOf } from './operation-outcome.js';
import type { ErrorSigned, ErrorUnsigned, PackageResult, ResultSigned } from './package-result.js';
import { finish, isSuccess } from './queue.js';
import type { DeviceRecord, OrderRecord } from './records.js';
import { nameOf, PACKAGE_ERRORS, PROCESSING_TERMINATED } from './result-codes.js';
import { queueRefresh } from './state-change.js';
import type { OperationOutcome } from './types.js';
import { correlate, signatureHolds } from './verify-result.js';
import type { Work } from './work.js';

const ROLLBACK = 0x8c;
const TERMINATED = 0x02;
const LISTED = 0xbf2d;
const REPLAY_ERROR = 4;
/** How far the counter is raised when the eUICC says that it has seen a greater one. */
const REPLAY_STEP = 1000;

export interface Place {
  readonly core: EimCore;
  readonly work: Work;
  readonly device: DeviceRecord;
}

/** @returns sequence numbers to acknowledge; undefined for a result that is discarded. @throws {Malformed} */
export function takePackageResult(place: Place, result: PackageResult): number[] | undefined {
  const { core, work, device } = place;
  const order = correlate(core, work, device, result);
  if (result.arm === 'euiccPackageErrorUnsigned') {
    if (order?.status === 'delivered') takeUnsigned(place, order, result);
    return [];
  }
  if (order === undefined) {
    if (core.defects.has('unasked-list-applied')) applyUnasked(core, device, result);
    return undefined;
  }
  if (!signatureHolds(core, device, order, result)) {
    if (core.defects.has('bad-result-ends-order')) finish(device, order, 'undefinedError');
    const acknowledged =
      result.arm === 'euiccPackageResultSigned' && core.defects.has('bad-result-acknowledged');
    return acknowledged ? [result.seqNumber] : undefined;
  }
  if (result.arm === 'euiccPackageErrorSigned') {
    if (isOpen(order)) takeError(place, order, result);
    return [];
  }
  return takeResult(place, order, result);
}

/** Nobody signed an unauthenticated end: what the eUICC signs later is worth more. */
const isOpen = (order: OrderRecord): boolean =>
  order.status === 'delivered' || (order.status === 'failed' && order.authenticated === false);

/** What a defect does that believes a list of Profiles whoever asked for it. */
function applyUnasked(core: EimCore, device: DeviceRecord, result: ResultSigned | ErrorSigned): void {
  if (result.arm !== 'euiccPackageResultSigned') return;
  const operation = { operation: 'listProfileInfo' } as const;
  for (const element of result.results)
    if (element.tag === LISTED) applyOperation(core, device, operation, outcomeOf(core, operation, element));
}

/** Only recorded: whoever is between could have written it. */
function takeUnsigned({ core, device }: Place, order: OrderRecord, result: ErrorUnsigned): void {
  const { defects } = core;
  order.authenticated = defects.has('unsigned-error-authenticated');
  device.reportedAssociationToken = result.associationToken;
  if (defects.has('unsigned-error-token-trusted')) device.associationToken = result.associationToken;
  const code = result.code === undefined ? 'euiccPackageErrorUnsigned' : nameOf(PACKAGE_ERRORS, result.code);
  const asDone = defects.has('unsigned-error-as-done');
  if (asDone) applyAll(core, device, order);
  finish(device, order, asDone ? undefined : code);
}

function takeError({ core, device }: Place, order: OrderRecord, { code }: ErrorSigned): void {
  const { defects } = core;
  order.authenticated = true;
  const asDone = defects.has('signed-error-as-done');
  if (asDone) applyAll(core, device, order);
  const named = defects.has('signed-error-code-lost') ? 'undefinedError' : nameOf(PACKAGE_ERRORS, code);
  finish(device, order, asDone ? undefined : named);
  if (code === REPLAY_ERROR && !defects.has('counter-not-raised-after-replay')) {
    const raised = Math.min(device.counterValue + REPLAY_STEP, device.maxCounterValue - 1);
    device.counterValue = Math.max(device.counterValue, raised);
  }
}

function takeResult(place: Place, order: OrderRecord, result: ResultSigned): number[] | undefined {
  const { core, device } = place;
  const { defects } = core;
  const data = sha256(result.data);
  const acknowledged = [defects.has('operation-number-acknowledged') ? order.nr : result.seqNumber];
  const again = order.resultData.includes(data) || order.rolledBack === true;
  const replay = defects.has('replay-applied');
  if (again && !replay) return defects.has('repeated-result-not-acknowledged') ? undefined : acknowledged;
  const rollback = result.results.find(({ tag }) => tag === ROLLBACK);
  const late =
    rollback !== undefined && order.resultData.length > 0 && !defects.has('rollback-after-result-discarded');
  if (!isOpen(order) && !late && !replay) return undefined;
  const outcome = mapped(core, order, result);
  if (outcome === undefined) return undefined;
  order.resultData.push(data);
  order.authenticated = true;
  device.associated = true;
  const code = rollback === undefined ? undefined : integerOf(rollback.content);
  settle(place, order, outcome, late, defects.has('rollback-result-ignored') ? undefined : code);
  return acknowledged;
}

interface Mapped {
  readonly results: OperationOutcome[];
  readonly error: string | undefined;
}

/** Results in the order of the operations, up to where the eUICC stopped; undefined when they do not fit. */
function mapped(core: EimCore, order: OrderRecord, result: ResultSigned): Mapped | undefined {
  const { defects } = core;
  if (order.request.kind !== 'package') return undefined;
  const { operations } = order.request;
  const told = result.results.filter(({ tag }) => tag !== ROLLBACK);
  const end = told.findIndex(({ tag }) => tag === TERMINATED);
  const executed = end < 0 ? told : told.slice(0, end);
  const last = told[end];
  if (executed.length > operations.length) return undefined;
  const results: OperationOutcome[] = [];
  for (const [index, operation] of operations.entries()) {
    const element = executed[index];
    if (element === undefined) break;
    try {
      results.push(outcomeOf(core, operation, element));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      if (!defects.has('result-kind-unchecked')) return undefined;
      results.push({ operation: operation.operation, code: 'ok' });
    }
  }
  const missing = operations.slice(results.length).map(({ operation }) => operation);
  const stopped = results.some((outcome) => !isSuccess(outcome));
  const reason = last === undefined ? undefined : nameOf(PROCESSING_TERMINATED, integerOf(last.content));
  const rest =
    (last !== undefined && defects.has('processing-terminated-ignored')) ||
    defects.has('missing-results-as-ok');
  const incomplete = missing.length > 0 && !stopped ? 'incomplete' : undefined;
  return {
    results: [...results, ...missing.map((operation) => ({ operation, code: rest ? 'ok' : 'notExecuted' }))],
    error: rest ? undefined : (reason ?? incomplete),
  };
}

/** @param late the rollback follows a result that was applied already. */
function settle(
  { core, work, device }: Place,
  order: OrderRecord,
  { results, error }: Mapped,
  late: boolean,
  rollback: number | undefined,
): void {
  if (order.request.kind !== 'package') return;
  const { operations } = order.request;
  const before = late ? (order.profilesBefore ?? device.profiles) : device.profiles;
  let left = false;
  if (!late) {
    order.profilesBefore = device.profiles;
    for (const [index, operation] of operations.entries()) {
      const outcome = results[index];
      if (outcome !== undefined) left = applyOperation(core, device, operation, outcome) || left;
    }
  }
  if (rollback === undefined) finish(device, order, error, results);
  else {
    const code = rollback === 0 ? 'ok' : nameOf({ 127: 'undefinedError' }, rollback);
    finish(device, order, rollback === 0 ? 'rolledBack' : error, [
      ...results,
      { operation: 'rollback', code },
    ]);
    order.rolledBack = true;
    if (rollback === 0)
      device.profiles = device.profiles.map((p) => ({
        ...p,
        state: before.find(({ iccid }) => iccid === p.iccid)?.state ?? 'disabled',
      }));
    else queueRefresh(core, work, device);
  }
  if (left)
    for (const other of work.openOrders(device))
      if (other.request.kind === 'package') finish(device, other, 'notAssociated');
}

/** What a defect does that takes every package for executed. */
function applyAll(core: EimCore, device: DeviceRecord, order: OrderRecord): void {
  if (order.request.kind !== 'package') return;
  for (const operation of order.request.operations)
    applyOperation(core, device, operation, { operation: operation.operation, code: 'ok' });
}
