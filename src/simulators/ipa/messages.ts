/** ESipa messages of S_IPA, written by hand in the form of each version (SGP.32 6.3.2). */
import { int, nothing, octets, wrap } from '../tlv/writer.js';
import type { IpaVersion, PollOptions } from './options.js';

/** eimPackageResultErrorCode. */
export const PACKAGE_RESULT_ERROR = {
  invalidPackageFormat: 1,
  unknownPackage: 2,
  undefinedError: 127,
} as const;

/** GetEimPackageRequest, `BF4F`. */
export function getEimPackage(version: IpaVersion, eid: string, o: PollOptions): Uint8Array {
  const old = version === '1.0.1';
  const cause = o.stateChangeCause;
  const notify = o.notifyStateChange ?? cause !== undefined;
  return wrap(
    0xbf4f,
    octets(0x5a, eid),
    notify ? nothing(0x80) : undefined,
    cause === undefined || old ? undefined : int(0x81, cause),
    o.rPLMN === undefined ? undefined : octets(old ? 0x81 : 0x82, o.rPLMN),
  );
}

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
export const handleNotification = (pendingNotification: Uint8Array): Uint8Array =>
  wrap(0xbf3d, wrap(0xa0, pendingNotification));

/** HandleNotificationEsipa with a result; v1.0.1 has the arm under `A1`, v1.2 the whole `BF50`. */
export const handleResult = (version: IpaVersion, eid: string | undefined, arm: Uint8Array): Uint8Array =>
  wrap(0xbf3d, version === '1.0.1' ? wrap(0xa1, arm) : provideEimPackageResult(version, eid, arm));
