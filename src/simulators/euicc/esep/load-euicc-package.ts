/** ES10b.LoadEuiccPackage (SGP.32 5.9.1). */
import { concat } from '../../../protocol/asn1/index.js';
import type { EuiccCore } from '../core.js';
import { isBusy, type Es10Function } from '../es10/function.js';
import { Refused, SW } from '../os/status-word.js';
import { eimById, profileByIccid, type AssociatedEim } from '../state.js';
import { hex } from '../../tlv/writer.js';
import { executeOperations } from './execute.js';
import { forcedPackageError } from './forced-fault.js';
import { packageError, signatureVerifies } from './package-checks.js';
import { readPackageRequest, type PackageRequest } from './package-request.js';
import {
  PACKAGE_ERROR,
  signedError,
  signedResult,
  unsignedError,
  type ResultContext,
} from './package-result.js';
import type { PackageRun } from './package-run.js';

export const loadEuiccPackage: Es10Function = (core, tlv) => {
  const { state, defects } = core;
  const request = readPackageRequest(tlv, defects.has('mixed-lists-accepted'));
  const refuse = (token: number | undefined): Uint8Array =>
    unsignedError(core, request.eimIdElement, request.transactionElement, token);

  const eim = eimById(state, request.eimId);
  if (eim === undefined)
    return defects.has('unknown-eim-signed-error')
      ? signedError(core, contextOf(request), 127)
      : refuse(undefined);
  const context = contextOf(request, eim);
  if (!signatureVerifies(core, eim, request)) {
    if (defects.has('consume-counter-before-verification')) consumeCounter(eim, request);
    return refuse(eim.associationToken);
  }
  const error = packageError(core, eim, request);
  if (error !== undefined) {
    if (defects.has('counter-consumed-on-signed-error')) consumeCounter(eim, request);
    const unsigned = error === PACKAGE_ERROR.invalidEid && defects.has('invalid-eid-unsigned');
    return unsigned ? refuse(eim.associationToken) : signedError(core, context, error);
  }
  return forcedPackageError(core, context, request.eimId) ?? execute(core, eim, request, context);
};

/** The counter is used up from here on, whatever the operations do. */
function execute(
  core: EuiccCore,
  eim: AssociatedEim,
  request: PackageRequest,
  context: ResultContext,
): Uint8Array {
  const { state, defects } = core;
  const run: PackageRun = {
    core,
    before: core.snapshot(),
    busy: isBusy(core),
    changed: false,
    enables: 0,
    disables: 0,
  };
  const former = eim.counterValue;
  consumeCounter(eim, request);
  // One package, one chance to go back: a new one ends what an earlier one allowed.
  const earlier = state.rollback;
  if (!defects.has('rollback-survives-package')) delete state.rollback;
  const { results, failed, interrupted } = executeOperations(run, request);
  if (failed && defects.has('counter-not-consumed-on-failed-psmo')) eim.counterValue = former;
  const lost = interrupted && defects.has('interruption-loses-result');
  const { response, seqNumber } = signedResult(core, context, results);
  if (!defects.has('result-not-stored') && !lost) state.results.push({ seqNumber, signed: hex(response) });
  if (run.rollback !== undefined)
    state.rollback = {
      ...run.rollback,
      resultSeqNumber: seqNumber,
      eimId: request.eimId,
      eimTransactionId: request.transactionId,
      counterValue: request.counterValue,
      eimSignature: hex(context.eimSignature),
      associationToken: context.associationToken,
      euiccCiPKId: context.euiccCiPKId,
      results: hex(concat(results)),
    };
  const deleted = earlier !== undefined && profileByIccid(state, earlier.previousIccid) === undefined;
  if (deleted && defects.has('rollback-to-deleted-profile')) state.rollback = { ...earlier, unchecked: true };
  if (!interrupted) return response;
  core.dead = true;
  core.commit();
  throw new Refused(SW.noDiagnosis, 'power failed');
}

function consumeCounter(eim: AssociatedEim, request: PackageRequest): void {
  eim.counterValue = Math.min(request.counterValue, Number.MAX_SAFE_INTEGER);
}

/** Fixed before the first operation: it may delete or update the very eIM. */
const contextOf = (request: PackageRequest, eim?: AssociatedEim): ResultContext => ({
  eimId: request.eimIdElement,
  counterValue: request.counterElement,
  eimTransactionId: request.transactionElement,
  eimSignature: request.signatureElement,
  associationToken: eim?.associationToken ?? 0,
  euiccCiPKId: eim?.euiccCiPKId,
});
