/** What an eIM is made from. */
import type { DefectObserver } from '../defect-set.js';
import type { EimVersion } from './types.js';

export interface EimOptions {
  /** By default `testeim1`. */
  readonly eimId?: string;
  /** Where its IPAs find it; by default `eim.example.com`, nothing when eimId is an FQDN itself or this is empty. */
  readonly eimFqdn?: string;
  /** By default 1.2. */
  readonly sgp32Version?: EimVersion;
  /** Folder of certificates and keys; by default fixtures/pki. */
  readonly pki?: string;
  /** Name in that folder; by default `S_EIMsign_ECDSA_NIST`. */
  readonly signingIdentity?: string;
  /** Folder of the store; without it, all ends with the process. */
  readonly store?: string;
  /**
   * Whether a change is on the medium before it counts; by default true. Otherwise it is with the operating system,
   * which the end of the process does not harm.
   */
  readonly durable?: boolean;
  /** Seeded defects by name. */
  readonly defects?: readonly string[];
  readonly defectObserver?: DefectObserver;
  /** Whether packages carry an eimTransactionId; by default true. */
  readonly transactionIds?: boolean;
  /** The exported EimConfigurationData says so (v1.2). */
  readonly indirectProfileDownload?: boolean;
  /** DER hex: the exported EimConfigurationData tells the IPA to trust it. */
  readonly trustedCertificateTls?: string;
  /** Whether a report of a state change makes the eIM ask for the state by itself; by default true. */
  readonly autoRefresh?: boolean;
  /** Whether an order to enable a Profile that is known to be enabled is refused; by default it is sent. */
  readonly refuseNeedless?: boolean;
  /**
   * Sends a PendingNotification to an SM-DP+ with ES9+'.HandleNotification. Resolves when the SM-DP+ took it, rejects
   * otherwise: then it is tried again. Without it notifications wait in the store.
   */
  readonly forward?: (address: string, pendingNotification: Uint8Array) => Promise<void>;
  readonly now?: () => Date;
  /** First pause before a notification is sent again, milliseconds; doubles up to 60 s. By default 1000. */
  readonly retryMs?: number;
}
