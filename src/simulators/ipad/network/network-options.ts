/** What everything that the IPAd does in the network needs to know. */
import type { IpaVersion } from '../../ipa/index.js';
import type { IpadDefects } from '../defects.js';
import type { EsipaTransport, IpadTimings } from '../options.js';
import type { EsipaSession } from './esipa-session.js';
import type { Resolutions } from './place.js';

export interface NetworkOptions {
  readonly version: IpaVersion;
  readonly binding: 'asn1' | 'json';
  /** Of ES9+.HandleNotification. */
  readonly receiverBinding: 'asn1' | 'json';
  readonly transports: readonly EsipaTransport[];
  readonly resolve: Resolutions;
  /** PEM. */
  readonly authorities: string;
  readonly userAgent: string;
  readonly maxBodyBytes: number;
  readonly timings: IpadTimings;
  readonly defects: IpadDefects;
  readonly log: (line: string) => void;
  readonly stop: AbortSignal;
  /** Only defects use them: sessions and tickets by address. */
  readonly memory: NetworkMemory;
}

export interface NetworkMemory {
  readonly sessions: Map<string, EsipaSession>;
  readonly tickets: Map<string, Buffer>;
}
