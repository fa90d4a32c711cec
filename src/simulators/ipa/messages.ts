/** ESipa messages of S_IPA, written by hand in the form of each version (SGP.32 6.3.2). */
import { hex, int, nothing, octets, unhex, wrap } from '../tlv/writer.js';
import { NO_DEFECTS, type IpaDefects, type IpaVersion, type PollOptions } from './options.js';

/** eimPackageResultErrorCode. */
export const PACKAGE_RESULT_ERROR = {
  invalidPackageFormat: 1,
  unknownPackage: 2,
  undefinedError: 127,
} as const;

/** GetEimPackageRequest, `BF4F`. */
export function getEimPackage(
  version: IpaVersion,
  eid: string,
  o: PollOptions,
  defects: IpaDefects = NO_DEFECTS,
): Uint8Array {
  const old = version === '1.0.1';
  const cause = defects.has('state-change-cause-missing') ? undefined : o.stateChangeCause;
  const notify = o.notifyStateChange ?? o.stateChangeCause !== undefined;
  const shownCause = cause !== undefined && defects.has('state-change-cause-off-by-one') ? cause + 1 : cause;
  return wrap(
    0xbf4f,
    octets(0x5a, defects.has('eid-nibbles-swapped') ? nibblesSwapped(eid) : eid),
    notify && !defects.has('state-change-flag-missing') ? nothing(0x80) : undefined,
    shownCause === undefined || old ? undefined : int(0x81, shownCause),
    o.rPLMN === undefined || defects.has('rplmn-missing') ? undefined : plmn(o.rPLMN, old, defects),
  );
}

function plmn(rPLMN: Uint8Array, old: boolean, defects: IpaDefects): Uint8Array {
  const coded = defects.has('rplmn-nibbles-not-swapped') ? unhex(nibblesSwapped(hex(rPLMN))) : rPLMN;
  return octets(old || defects.has('rplmn-with-old-tag') ? 0x81 : 0x82, coded);
}

const nibblesSwapped = (digits: string): string => digits.replace(/(.)(.)/g, '$2$1');

/**
 * ProvideEimPackageResult, `BF50`.
 * @param eid eidValue (v1.2); undefined leaves it out.
 * @param arm one element: `BF51`, `30`, `BF52`, `BF54`, or the error.
 */
export const provideEimPackageResult = (
  version: IpaVersion,
  eid: string | undefined,
  arm: Uint8Array,
): Uint8Array => wrap(0xbf50, version === '1.0.1' || eid === undefined ? undefined : octets(0x5a, eid), arm);

/** ePRAndNotifications: the result and the list of notifications, which v1.0.1 keeps in the answer of the eUICC. */
export function resultAndNotifications(
  version: IpaVersion,
  result: Uint8Array,
  notifications: readonly Uint8Array[],
): Uint8Array {
  const list = wrap(0xa0, ...notifications);
  return wrap(0x30, result, version === '1.0.1' ? wrap(0xbf2b, list) : list);
}

/** eimPackageResultResponseError; in v1.0.1 the code alone. */
export const packageResultError = (
  version: IpaVersion,
  eimTransactionId: Uint8Array | undefined,
  code: number,
): Uint8Array =>
  version === '1.0.1'
    ? int(0x02, code)
    : wrap(
        0xa0,
        eimTransactionId === undefined ? undefined : octets(0x80, eimTransactionId),
        int(0x02, code),
      );

/** HandleNotificationEsipa with a PendingNotification. */
export const handleNotification = (pendingNotification: Uint8Array, defects: IpaDefects): Uint8Array =>
  wrap(
    0xbf3d,
    defects.has('notification-without-arm') ? pendingNotification : wrap(0xa0, pendingNotification),
  );

/** HandleNotificationEsipa with a result; v1.0.1 has the arm under `A1`, v1.2 the whole `BF50`. */
export const handleResult = (version: IpaVersion, eid: string | undefined, arm: Uint8Array): Uint8Array =>
  wrap(0xbf3d, version === '1.0.1' ? wrap(0xa1, arm) : provideEimPackageResult(version, eid, arm));

/** TransferEimPackageResponse, `BF4E`, around one arm. */
export const transferResponse = (arm: Uint8Array): Uint8Array => wrap(0xbf4e, arm);

/** The arm eimPackageReceived: the result follows, or there is none. */
export const EIM_PACKAGE_RECEIVED = nothing(0x05);

/** The arm eimPackageError of TransferEimPackageResponse. */
export const transferError = (code: number): Uint8Array => int(0x02, code);
