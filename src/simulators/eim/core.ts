/** What the parts of the eIM share. */
import type { Defects } from './defects.js';
import type { Forwarder } from './forwarder.js';
import type { OrderIndex } from './order-index.js';
import type { SigningKeys } from './signing-keys.js';
import type { EimStore } from './store.js';
import type { Trust } from './trust.js';
import type { EimVersion } from './types.js';

export interface EimCore {
  readonly eimId: string;
  readonly eimFqdn: string | undefined;
  readonly version: EimVersion;
  readonly transactionIds: boolean;
  readonly indirectProfileDownload: boolean;
  readonly trustedCertificateTls: string | undefined;
  readonly autoRefresh: boolean;
  readonly refuseNeedless: boolean;
  readonly defects: Defects;
  readonly store: EimStore;
  readonly index: OrderIndex;
  readonly keys: SigningKeys;
  readonly trust: Trust;
  readonly forwarder: Forwarder;
  /** Connection on which an order was delivered last. */
  readonly deliveredOn: Map<string, object | undefined>;
}

/** counterValue of the exported EimConfigurationData. */
export const FIRST_COUNTER = 1;
/** What every eUICC supports at least (SGP.32 2.11.1.1). */
export const MAX_COUNTER = 0x7fffff;
