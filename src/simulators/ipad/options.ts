/** What an IPAd is told by whoever builds the device. */
import type { DefectObserver } from '../defect-set.js';
import type { IpaOptions, IpaVersion } from '../ipa/index.js';
import type { CardPort } from './card/card-port.js';
import type { ResetOption } from './local-functions.js';
import type { Resolutions } from './network/place.js';

export type EsipaTransport = 'https' | 'coaps';

export interface IpadTimings {
  /** For a connection and an answer together, milliseconds. */
  readonly deadlineMs: number;
  /** How often a message is sent again. */
  readonly retries: number;
  /** Before a message is sent again for the first time, milliseconds; it doubles each time. */
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** A server that asks to wait longer (Retry-After, Max-Age) is left alone until the next cycle. */
  readonly maxAskedDelayMs: number;
  /** Over CoAP: before the first retransmission, milliseconds (RFC 7252 4.8). */
  readonly ackTimeoutMs: number;
  /** How long the eIM may be out of reach after a Profile was enabled, before ProfileRollback. */
  readonly rollbackAfterMs: number;
}

export const DEFAULT_TIMINGS: IpadTimings = {
  deadlineMs: 10_000,
  retries: 3,
  retryDelayMs: 1000,
  maxRetryDelayMs: 60_000,
  maxAskedDelayMs: 60_000,
  ackTimeoutMs: 2000,
  rollbackAfterMs: 30_000,
};

export interface IpadOptions extends Pick<
  IpaOptions,
  'resultBy' | 'bundle' | 'eidInResults' | 'ipaCapabilities' | 'deviceInfo' | 'download'
> {
  readonly version: IpaVersion;
  readonly port: CardPort;
  readonly isdrAid?: Uint8Array;
  /** null: TERMINAL PROFILE is not sent. Default: one that announces REFRESH. */
  readonly terminalProfile?: Uint8Array | null;
  /** The template A9 of TERMINAL CAPABILITY; null: it is not sent. */
  readonly terminalCapability?: Uint8Array | null;
  /** Bytes of a STORE DATA command, default 255. */
  readonly blockSize?: number;
  /** Of HTTPS; default `asn1`. */
  readonly binding?: 'asn1' | 'json';
  /** What the device can speak, most wanted first. Default: https, then coaps. */
  readonly transports?: readonly EsipaTransport[];
  readonly resolve?: Resolutions;
  /** PEM of the CAs that are trusted where the eUICC names none, and for Notification Receivers. */
  readonly authorities?: string;
  readonly userAgent?: string;
  readonly maxBodyBytes?: number;
  readonly timings?: Partial<IpadTimings>;
  /** Network of the last registration, 3 bytes as in TS 24.008. */
  readonly rPLMN?: Uint8Array;
  /** More packages in one cycle wait for the next; default 50. */
  readonly maxPackages?: number;
  /** How Notifications reach their receiver: through the eIM (default), or straight by ES9+. */
  readonly notifications?: 'eim' | 'direct';
  /** Of ES9+.HandleNotification; default `json`. */
  readonly receiverBinding?: 'asn1' | 'json';
  /** Of every function that switches Profiles, and of ProfileRollback; default true. */
  readonly refreshFlag?: boolean;
  /** ProfileRollback when the eIM is away and the package allowed it; default true. */
  readonly rollback?: boolean;
  /** What the trigger memoryReset resets; default the operational Profiles. */
  readonly memoryReset?: readonly ResetOption[];
  /** EimConfigurationData one after the other, DER: for the trigger addInitialEim. */
  readonly initialEim?: Uint8Array;
  /** After so many cycles in a row in which no eIM could be reached: ExecuteFallbackMechanism. 0 (default): never. */
  readonly fallbackAfter?: number;
  /** Something that tells this device from others; another one than last time is a device change. */
  readonly deviceId?: string;
  /** After a local function the eIMs are polled at once; default true. */
  readonly pollAfterChange?: boolean;
  /** Where the IPAd remembers what it must not forget; without it, it ends with the process. */
  readonly stateFile?: string;
  readonly defects?: readonly string[];
  /** Is told which defects were asked for. */
  readonly defectObserver?: DefectObserver;
  /** A line for each thing that happened. */
  readonly log?: (line: string) => void;
  /** Ends whatever is going on. */
  readonly signal?: AbortSignal;
}
