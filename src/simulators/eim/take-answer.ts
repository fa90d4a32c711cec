/** Answers to data requests and download triggers, and refusals of any eIM Package (SGP.32 5.14.6). */
import type { DataAnswer } from './data-answer.js';
import type { EimPackageResult, ErrorAnswer, TriggerAnswer } from './eim-package-result.js';
import { finish } from './queue.js';
import type { OrderRecord } from './records.js';
import {
  DATA_ERRORS,
  DOWNLOAD_ERRORS,
  EIM_PACKAGE_RESULT_ERRORS,
  INSTALLATION_ERRORS,
  nameOf,
} from './result-codes.js';
import type { Place } from './take-package-result.js';

const ECALL_ACTIVE = 104;
const IPA_FEATURES = [
  'directRspServerCommunication',
  'indirectRspServerCommunication',
  'eimDownloadDataHandling',
  'eimCtxParams1Generation',
  'eimProfileMetadataVerification',
  'minimizeEsipaBytes',
];
const IPA_PROTOCOLS = [
  'ipaRetrieveHttps',
  'ipaRetrieveCoaps',
  'ipaInjectHttps',
  'ipaInjectCoaps',
  'ipaProprietary',
];

/**
 * Applies what is no result of a package.
 * @returns false when no open order of the device asked for it: then nothing was applied.
 */
export function takeAnswer(place: Place, result: EimPackageResult): boolean {
  const { answer } = result;
  if (answer === undefined) return true;
  const order = orderOf(place, result, answer.kind);
  if (order === undefined) return false;
  if (answer.kind === 'error') takeRefusal(place, order, answer);
  else if (answer.kind === 'ipaEuiccData') takeData(place, order, answer);
  else takeDownload(place, order, result, answer);
  return true;
}

/** By eimTransactionId where one came back, else the one that was delivered last. */
function orderOf(
  { core, work, device }: Place,
  { eimTransactionId }: EimPackageResult,
  kind: 'ipaEuiccData' | 'profileDownload' | 'error',
): OrderRecord | undefined {
  const delivered = work
    .openOrders(device)
    .filter((order) => order.status === 'delivered' && (kind === 'error' || order.request.kind === kind));
  if (eimTransactionId === undefined || core.defects.has('answer-transaction-id-unchecked'))
    return delivered.at(-1);
  return delivered.find((order) => order.eimTransactionId === eimTransactionId);
}

/** eimPackageResultResponseError: nobody signed it. */
function takeRefusal({ core, device }: Place, order: OrderRecord, { code }: ErrorAnswer): void {
  if (core.defects.has('package-refusal-ignored')) return;
  order.authenticated = false;
  finish(device, order, nameOf(EIM_PACKAGE_RESULT_ERRORS, code));
}

function takeData(place: Place, order: OrderRecord, answer: DataAnswer): void {
  const { core, work, device } = place;
  const { defects } = core;
  const { errorCode } = answer;
  if (errorCode !== undefined) {
    const asDone = defects.has('data-error-as-done');
    const later = errorCode === ECALL_ACTIVE && order.retried !== true && !asDone;
    if (later && !defects.has('ecall-not-retried')) {
      // Later: at the end of the queue, once.
      order.retried = true;
      order.status = 'pending';
      order.error = nameOf(DATA_ERRORS, errorCode);
      device.open = [...device.open.filter((id) => id !== order.id), order.id];
      return;
    }
    finish(device, order, asDone ? undefined : nameOf(DATA_ERRORS, errorCode));
    return;
  }
  const swapped = defects.has('euicc-info-exchanged');
  device.euiccInfo1 = (swapped ? answer.euiccInfo2 : answer.euiccInfo1) ?? device.euiccInfo1;
  device.euiccInfo2 = (swapped ? answer.euiccInfo1 : answer.euiccInfo2) ?? device.euiccInfo2;
  if (!defects.has('device-info-dropped')) device.deviceInfo = answer.deviceInfo ?? device.deviceInfo;
  device.defaultDpAddress = answer.defaultSmdpAddress ?? device.defaultDpAddress;
  device.rootSmdsAddress = answer.rootSmdsAddress ?? device.rootSmdsAddress;
  if (!defects.has('data-token-ignored'))
    device.associationToken = answer.associationToken ?? device.associationToken;
  takeCapabilities(place, answer);
  takeCertificates(place, answer);
  work.putDevice(device);
  finish(device, order, undefined);
}

/** Bit 0 is the greatest of the first octet (X.690 8.6.2). */
function takeCapabilities({ core, device }: Place, { ipaFeatures, ipaSupportedProtocols }: DataAnswer): void {
  const mirrored = core.defects.has('ipa-capabilities-lsb-first');
  const names = (bits: readonly number[], all: readonly string[]): string[] =>
    bits.map((bit) => (mirrored ? 7 - bit : bit)).map((bit) => all[bit] ?? String(bit));
  if (ipaFeatures !== undefined) device.ipaFeatures = names(ipaFeatures, IPA_FEATURES);
  if (ipaSupportedProtocols !== undefined)
    device.ipaSupportedProtocols = names(ipaSupportedProtocols, IPA_PROTOCOLS);
}

/** Both, and only those that lead to a CI and name this eUICC. */
function takeCertificates({ core, device }: Place, answer: DataAnswer): void {
  const eum = answer.eumCertificate ?? device.eumCertificate;
  const euicc = answer.euiccCertificate;
  if (eum === undefined || euicc === undefined) return;
  const believed = core.defects.has('delivered-certificates-unchecked');
  if (!believed && core.trust.verdict(eum, euicc, device.eid) !== 'ok') return;
  device.eumCertificate = eum;
  device.euiccCertificate = euicc;
}

function takeDownload(
  { core, device }: Place,
  order: OrderRecord,
  { notifications }: EimPackageResult,
  { error, errorReason, errorResponse }: TriggerAnswer,
): void {
  const { defects } = core;
  if (error) {
    if (!defects.has('error-response-dropped')) order.errorResponse = errorResponse;
    const name = nameOf(DOWNLOAD_ERRORS, errorReason ?? 127);
    finish(device, order, defects.has('download-error-as-done') ? undefined : name);
    return;
  }
  const installation = notifications[0]?.installation;
  const failed = installation?.installed === false && !defects.has('failed-installation-as-done');
  const reason = nameOf(INSTALLATION_ERRORS, installation?.errorReason ?? 127);
  finish(device, order, failed ? reason : undefined);
}
