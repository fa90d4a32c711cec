/**
 * A device whose EID was used before: what the eIM still has for it is taken away before the sequence begins, so that no
 * sequence is judged by what another left.
 */
import { bytesToHex, decode, encode, fromText, type TextValue } from '../protocol/asn1/index.js';
import { typeByName } from '../protocol/types/index.js';
import type { EimStage, StagedDevice } from './eim-stage.js';
import { StateError } from './fingerprint.js';

/** More packages than these are no rest of a sequence. */
const MAX_PACKAGES = 50;

interface Polled {
  euiccPackageRequest?: { euiccPackageSigned?: { eimTransactionId?: Uint8Array } };
  ipaEuiccDataRequest?: { eimTransactionId?: Uint8Array };
  profileDownloadTriggerRequest?: { eimTransactionId?: Uint8Array };
  eimPackageError?: unknown;
}

/**
 * Polls until there is no eIM Package, and refuses each as an IPA does that does not know it. Notifications that came
 * late are dropped.
 * @throws {StateError} when the eIM goes on with a package that was refused, or does not answer.
 */
export async function drainDevice(stage: EimStage, staged: StagedDevice, signal: AbortSignal): Promise<void> {
  if (!staged.device.reused) return;
  await dropNotifications(stage, signal);
  const { eid } = staged.device;
  let before = '';
  for (let count = 0; count < MAX_PACKAGES; count++) {
    const answer = await ask(stage, eid, 'GetEimPackageRequest', { eidValue: eid }, signal);
    const { value } = decode(typeByName(stage.version, 'GetEimPackageResponse'), answer);
    const polled = value as Polled | undefined;
    if (polled === undefined) throw new StateError(`the eIM answers a poll of ${eid} with no message`);
    if (polled.eimPackageError !== undefined) return;
    const bytes = bytesToHex(answer);
    if (bytes === before)
      throw new StateError(
        `the eIM still has work for ${eid}, and delivers it again after it was refused: ${bytes.slice(0, 60)}`,
      );
    before = bytes;
    await ask(stage, eid, 'ProvideEimPackageResult', refusalOf(stage, eid, polled), signal);
  }
  throw new StateError(`the eIM still has work for ${eid} after ${MAX_PACKAGES} packages`);
}

/** unknownPackage in v1.0.1 is an arm of its own, without an eimTransactionId. */
function refusalOf(stage: EimStage, eid: string, polled: Polled): { [name: string]: TextValue } {
  if (stage.version === '1.0.1') return { eimPackageError: 'unknownPackage' };
  const id =
    polled.euiccPackageRequest?.euiccPackageSigned?.eimTransactionId ??
    polled.ipaEuiccDataRequest?.eimTransactionId ??
    polled.profileDownloadTriggerRequest?.eimTransactionId;
  return {
    eidValue: eid,
    eimPackageResult: {
      eimPackageResultResponseError: {
        ...(id === undefined ? {} : { eimTransactionId: bytesToHex(id) }),
        eimPackageResultErrorCode: 'unknownPackage',
      },
    },
  };
}

async function ask(
  stage: EimStage,
  device: string,
  type: string,
  value: { [name: string]: TextValue },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const asn1 = typeByName(stage.version, type);
  const message = encode(asn1, fromText(asn1, value));
  const { data, fault } = await stage.esipa({ device, message }, signal);
  if (fault !== undefined)
    throw new StateError(`the eIM does not answer ${device}: ${fault.kind}, ${fault.actual}`);
  return data;
}

async function dropNotifications(stage: EimStage, signal: AbortSignal): Promise<void> {
  const { notifications } = stage.session.driver;
  for (let left = notifications?.waiting ?? 0; left > 0; left--)
    if ((await notifications?.next(stage.isOurs, 0, signal)) === undefined) return;
}
