/** The checks in front of the execution of a package, in their order (SGP.32 3.3.1, 5.9.1). */
import { concat } from '../../../protocol/asn1/index.js';
import { verifyEcdsa } from '../../../protocol/crypto/ecdsa.js';
import type { EuiccCore } from '../core.js';
import { isEmergency } from '../es10/switch-functions.js';
import type { AssociatedEim } from '../state.js';
import type { PackageRequest } from './package-request.js';
import { PACKAGE_ERROR, tokenElement } from './package-result.js';

/** The eimSignature over euiccPackageSigned and the association token, with the key of that eIM. */
export function signatureVerifies(core: EuiccCore, eim: AssociatedEim, request: PackageRequest): boolean {
  const { state, defects } = core;
  if (defects.has('skip-eim-signature-check')) return true;
  const key = core.eimKeys.keyFor(defects.has('key-of-first-eim') ? (state.eims[0] ?? eim) : eim);
  if (key === undefined) return false;
  const token = defects.has('zero-token-in-verification') ? 0 : (eim.associationToken ?? 0);
  const input = defects.has('signature-without-token')
    ? request.signed
    : concat([request.signed, tokenElement(token)]);
  return verifyEcdsa(key, input, request.signature);
}

/** @returns the euiccPackageErrorCode of the first check that fails; undefined when the package may run. */
export function packageError(
  core: EuiccCore,
  eim: AssociatedEim,
  request: PackageRequest,
): number | undefined {
  const { state, defects } = core;
  const { counterValue: counter } = request;
  if (request.eid !== state.eid && !defects.has('ignore-eid')) return PACKAGE_ERROR.invalidEid;
  const max = state.limits.maxCounterValue - (defects.has('max-counter-off-by-one') ? 1 : 0);
  if (counter > max && !defects.has('max-counter-unchecked')) return PACKAGE_ERROR.counterValueOutOfRange;
  if (isReplay(core, counter, eim)) return PACKAGE_ERROR.replayError;
  if (isEmergency(core) && !defects.has('ecall-ignored-in-package')) return PACKAGE_ERROR.ecallActive;
  if (request.size > state.limits.maxPackageSize && !defects.has('package-size-unchecked'))
    return PACKAGE_ERROR.sizeOverflow;
  return undefined;
}

/** Gaps are allowed, going back is not. */
function isReplay({ state, defects }: EuiccCore, counter: number, eim: AssociatedEim): boolean {
  const stored = defects.has('counter-shared-between-eims')
    ? Math.max(...state.eims.map((e) => e.counterValue))
    : eim.counterValue;
  if (defects.has('counter-16-bit')) return counter % 0x10000 <= stored % 0x10000;
  if (defects.has('counter-gap-refused')) return counter !== stored + 1;
  if (defects.has('accept-lower-counter')) return counter === stored;
  if (defects.has('accept-equal-counter')) return counter < stored;
  return counter <= stored;
}
