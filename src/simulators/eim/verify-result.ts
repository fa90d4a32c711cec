/** Whether a signed result belongs to a package of this eIM, and comes from the eUICC (SGP.32 2.11.2.1, 3.3.1). */
import { concat } from '../../protocol/asn1/index.js';
import { checkEcdsa } from '../../protocol/crypto/ecdsa.js';
import { int, maybe, octets, unhex, utf8, wrap } from '../tlv/writer.js';
import { tokenElement } from './build-package.js';
import type { EimCore } from './core.js';
import type { ErrorSigned, PackageResult, ResultSigned } from './package-result.js';
import type { DeviceRecord, OrderRecord } from './records.js';
import type { Work } from './work.js';

/** The order whose package the result answers. */
export function correlate(
  core: EimCore,
  work: Work,
  device: DeviceRecord,
  result: PackageResult,
): OrderRecord | undefined {
  const { defects, eimId } = core;
  if (result.eimId !== eimId && !defects.has('eim-id-unchecked')) return undefined;
  const outstanding = work
    .openOrders(device)
    .find((order) => order.status === 'delivered' && order.request.kind === 'package');
  if (result.arm === 'euiccPackageErrorUnsigned') {
    const named = byTransaction(core, work, device, result.eimTransactionId);
    return result.eimTransactionId === undefined ? outstanding : named;
  }
  if (defects.has('results-matched-by-arrival')) return outstanding;
  const order = find(core, work, device, result);
  if (order === undefined) return defects.has('unknown-transaction-accepted') ? outstanding : undefined;
  const counter = order.counterValue === result.counterValue || defects.has('result-counter-unchecked');
  return counter ? order : undefined;
}

/** By eimTransactionId where there was one, else by counterValue. */
function find(
  core: EimCore,
  work: Work,
  device: DeviceRecord,
  { eimTransactionId, counterValue }: ResultSigned | ErrorSigned,
): OrderRecord | undefined {
  if (eimTransactionId !== undefined) return byTransaction(core, work, device, eimTransactionId);
  const id = core.index.byCounter(device.eid, counterValue);
  const order = id === undefined ? undefined : work.order(id);
  const dropped = order?.eimTransactionId !== undefined && !core.defects.has('transaction-id-echo-unchecked');
  return dropped ? undefined : order;
}

function byTransaction(
  { index }: EimCore,
  work: Work,
  { eid }: DeviceRecord,
  eimTransactionId: string | undefined,
): OrderRecord | undefined {
  const id = eimTransactionId === undefined ? undefined : index.byTransaction(eimTransactionId);
  const order = id === undefined ? undefined : work.order(id);
  return order?.eid === eid && order.request.kind === 'package' ? order : undefined;
}

/**
 * euiccSignEPR or euiccSignEPE, over the bytes as they came: data, then the association token. The text of v1.0.1 has
 * the eimSignature of the request in place of the token; cards of that time do the one or the other.
 */
export function signatureHolds(
  { trust, defects, version }: EimCore,
  device: DeviceRecord,
  order: OrderRecord,
  result: ResultSigned | ErrorSigned,
): boolean {
  const error = result.arm === 'euiccPackageErrorSigned';
  if (defects.has(error ? 'error-signature-unchecked' : 'result-signature-unchecked')) return true;
  const key = device.euiccCertificate === undefined ? undefined : trust.publicKey(device.euiccCertificate);
  if (key === undefined) return false;
  const data = defects.has('result-reencoded-before-check') ? rewritten(result) : result.data;
  const inputs = [concat([data, tokenElement(order.associationToken)])];
  if (version === '1.0.1' && order.eimSignature !== undefined)
    inputs.push(concat([data, unhex(order.eimSignature)]));
  if (defects.has('result-without-token-accepted')) inputs.push(data);
  return inputs.some((input) => {
    const check = checkEcdsa(key, input, result.signature);
    return check.ok || (check.reason === 'der-encoded' && defects.has('der-signature-accepted'));
  });
}

/** As an eIM writes it that decodes and encodes again: extensions and longer forms are gone. */
function rewritten(result: ResultSigned | ErrorSigned): Uint8Array {
  const head = [
    utf8(0x80, result.eimId),
    int(0x81, result.counterValue),
    maybe(result.eimTransactionId, (v) => octets(0x82, v)),
  ];
  return result.arm === 'euiccPackageErrorSigned'
    ? wrap(0x30, ...head, int(0x02, result.code))
    : wrap(0x30, ...head, int(0x83, result.seqNumber), wrap(0x30, ...result.results.map((r) => r.raw)));
}
