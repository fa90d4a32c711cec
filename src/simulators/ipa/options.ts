/** What S_IPA is given, and what it tells of a poll. */
import { Sgp33Error } from '../../protocol/errors.js';
import type { IpaDefectName } from './defect-list.js';

export type IpaVersion = '1.0.1' | '1.2';

/** ESipa messages that S_IPA sends. */
export type IpaMessageKind = 'getEimPackage' | 'provideEimPackageResult' | 'handleNotification';

export interface IpaOptions {
  /** Of every message; an IPA speaks one version only. */
  readonly version: IpaVersion;
  /** 32 digits. */
  readonly eid: string;
  /**
   * One ES10 function: request TLV in, response TLV out. A status word other than success is thrown as
   * {@link StatusWordError}; whatever else is thrown ends the poll with it.
   */
  readonly es10: (command: Uint8Array) => Promise<Uint8Array>;
  /** Lets a profile switch take effect: a REFRESH of the type UICC reset, and the ISD-R selected anew. */
  readonly reset: () => Promise<void>;
  /** One ESipa message to the eIM; empty when it answered without a body. Rejects when it could not be reached. */
  readonly esipa: (message: Uint8Array) => Promise<Uint8Array>;
  /** The eIM spoken to; needed where the eUICC has several, for the associationToken and the stored results. */
  readonly eimId?: string;
  /** How results of eUICC Packages go out (SGP.32 3.3.1 allows both); default provideEimPackageResult. */
  readonly resultBy?: 'provideEimPackageResult' | 'handleNotification';
  /**
   * Notifications go with the result in ePRAndNotifications; default true. Otherwise they follow it one by one in
   * HandleNotification.
   */
  readonly bundle?: boolean;
  /** eidValue stands in results too (v1.2); default true. */
  readonly eidInResults?: boolean;
  /** ProfileRollback when a result can not be delivered and its package allowed it (SGP.32 3.4.1); default true. */
  readonly rollback?: boolean;
  /** refreshFlag of ProfileRollback; default true. */
  readonly refreshFlag?: boolean;
  /**
   * What to do about a result that could not be delivered and whose package allowed a rollback: try `again` (it has
   * waited long enough by then), go back, or leave it for a `later` poll. Default: go back.
   */
  readonly undelivered?: (error: unknown) => Promise<'again' | 'rollback' | 'later'>;
  /** Whether a stored result may still be rolled back, by its number: the IPA has told the device, and was restarted. */
  readonly mayRollBack?: (seqNumber: number) => boolean;
  /** Told as soon as the eUICC has answered a package, before the Profile is switched. */
  readonly onResult?: (result: PackageResult) => Promise<void>;
  /**
   * Brings a Notification to its receiver without the eIM (SGP.32 3.7), and says whether it arrived. With it, results
   * go out without Notifications. Default: by HandleNotification to the eIM.
   */
  readonly notify?: (pendingNotification: Uint8Array) => Promise<boolean>;
  /** Bit numbers of IpaCapabilities; default: direct and indirect download, HTTPS retrieval. */
  readonly ipaCapabilities?: {
    readonly ipaFeatures: readonly number[];
    readonly ipaSupportedProtocols?: readonly number[];
  };
  /** Contents of DeviceInfo (SGP.22 4.2); default: a TAC and an E-UTRAN release. */
  readonly deviceInfo?: Uint8Array;
  /** The Emergency Profile is on: data requests and triggers are refused with ecallActive (v1.2). */
  readonly ecallActive?: () => boolean | Promise<boolean>;
  /**
   * Runs a download. @param trigger the ProfileDownloadTriggerRequest (`BF54`) as it came.
   * @returns the content of ProfileDownloadTriggerResult behind the transaction id: `BF37 ..` or `30 ..`. Default: an
   *   undefinedError.
   */
  readonly download?: (trigger: Uint8Array) => Promise<Uint8Array>;
  /** Changes or drops a message before it goes out; for tests of an eIM with an IPA that is not so good. */
  readonly deviate?: (message: Uint8Array, kind: IpaMessageKind) => Uint8Array | 'drop';
  /** Seeded defects; default none. */
  readonly defects?: IpaDefects;
}

export interface IpaDefects {
  has(name: IpaDefectName): boolean;
}

/** eimPackageError noEimPackageAvailable (SGP.32 5.14.5). */
export const NO_EIM_PACKAGE_AVAILABLE = 1;

export const NO_DEFECTS: IpaDefects = { has: () => false };

/** What came of an eUICC Package. */
export interface PackageResult {
  /** `BF51`. */
  readonly result: Uint8Array;
  /** Of a signed result; errors have none. */
  readonly seqNumber: number | undefined;
  /** Another Profile is enabled, or none any more. */
  readonly switched: boolean;
  /** A Profile or the fallback attribute is another than before. */
  readonly profilesChanged: boolean;
  /** The associated eIMs are others than before. */
  readonly eimsChanged: boolean;
  /** It may be rolled back when it can not be delivered. */
  readonly rollbackAllowed: boolean;
}

export interface PollOptions {
  readonly notifyStateChange?: boolean;
  /** StateChangeCause: otherEim(0) ... undefined(127). v1.0.1 has no place for it. */
  readonly stateChangeCause?: number;
  /** 3 bytes as in TS 24.008. */
  readonly rPLMN?: Uint8Array;
  /** Results that wait in the eUICC go out first; default true. */
  readonly storedResults?: boolean;
}

/** What came of one retrieval. */
export interface PollOutcome {
  /**
   * `noPackage`: the eIM had none, or refused; `refused`: the package was none, and the eIM was told so; `unexpected`:
   * the answer was another message, and was left alone; `dropped`: the request was not sent.
   */
  readonly kind:
    'euiccPackage' | 'ipaEuiccData' | 'profileDownload' | 'noPackage' | 'refused' | 'unexpected' | 'dropped';
  /** eimPackageError of the eIM, or the eimPackageResultErrorCode that it was told. */
  readonly error?: number;
  /** The eIM Package as it came: `BF51`, `BF52`, `BF54`. */
  readonly eimPackage?: Uint8Array;
  /** What the eUICC or the IPA answered to it: `BF51`, `BF52`, `BF54`; after a rollback the second result. */
  readonly result?: Uint8Array;
  /** What the eIM answered to the result. */
  readonly answer?: Uint8Array;
  /** Sequence numbers that were acknowledged, and removed from the eUICC; of stored results too. */
  readonly acknowledged: readonly number[];
  /** Sequence numbers of stored results that were sent again before this retrieval. */
  readonly sentAgain: readonly number[];
  /** The result could not be delivered at first, and the eUICC went back to the Profile before. */
  readonly rolledBack: boolean;
}

/** The eUICC refused an ES10 function. */
export class StatusWordError extends Sgp33Error {
  declare readonly code: 'ipa-status-word';

  constructor(readonly sw: number) {
    super('ipa-status-word', 'the eUICC refused an ES10 function', {
      expected: '9000',
      actual: sw.toString(16).toUpperCase().padStart(4, '0'),
    });
  }
}
