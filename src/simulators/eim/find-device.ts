/** Which device an EimPackageResult comes from (SGP.32 5.14.6, NOTE on eidValue). */
import type { EimCore } from './core.js';
import type { EimPackageResult } from './eim-package-result.js';
import { ownerOf } from './take-notifications.js';
import { signatureHolds } from './verify-result.js';
import { Work } from './work.js';

/** By eimTransactionId, by a certificate in it, by a signature of a device that owes such a result. */
export function deviceBehind(core: EimCore, result: EimPackageResult): string | undefined {
  return byTransaction(core, result) ?? byCertificate(core, result) ?? bySignature(core, result);
}

function byTransaction(core: EimCore, { eimTransactionId, packages }: EimPackageResult): string | undefined {
  if (core.defects.has('transaction-id-not-looked-up')) return undefined;
  const work = new Work(core);
  for (const id of [eimTransactionId, ...packages.map((result) => result.eimTransactionId)]) {
    const order = id === undefined ? undefined : core.index.byTransaction(id);
    const eid = order === undefined ? undefined : work.order(order)?.eid;
    if (eid !== undefined) return eid;
  }
  return undefined;
}

function byCertificate(core: EimCore, { answer, notifications }: EimPackageResult): string | undefined {
  if (core.defects.has('certificate-not-looked-up')) return undefined;
  const certificate = answer?.kind === 'ipaEuiccData' ? answer.euiccCertificate : undefined;
  const named = certificate === undefined ? undefined : core.trust.eidOf(certificate);
  return (
    named ?? notifications.map((notification) => ownerOf(core, notification)).find((eid) => eid !== undefined)
  );
}

/** counterValue alone is not unique: the key of the eUICC decides. */
function bySignature(core: EimCore, { packages }: EimPackageResult): string | undefined {
  const work = new Work(core);
  for (const result of packages) {
    if (result.arm === 'euiccPackageErrorUnsigned') continue;
    const found = core.index.devicesWaiting(result.counterValue).find((eid) => {
      const device = work.device(eid);
      const id = core.index.byCounter(eid, result.counterValue);
      const order = id === undefined ? undefined : work.order(id);
      return device !== undefined && order !== undefined && signatureHolds(core, device, order, result);
    });
    if (found !== undefined) return found;
  }
  return undefined;
}
