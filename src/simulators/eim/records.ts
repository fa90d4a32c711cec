/** What is in the store: plain data, bytes as upper-case hex. */
import type { DeviceProfile, OperationOutcome, OrderRequest, OrderStatus } from './types.js';

/** Why the eIM ordered something by itself. */
export type AutoOrder = 'certificates' | 'refresh' | 'device-info';

export interface DeviceRecord {
  eid: string;
  associated: boolean;
  associationToken?: number | undefined;
  /** As an unsigned error told it; nobody vouches for it. */
  reportedAssociationToken?: number | undefined;
  /** Of the last package built; at first that of EimConfigurationData. */
  counterValue: number;
  initialCounterValue: number;
  maxCounterValue: number;
  /** PKI name; undefined: the eIM's own. Set by an updateEim of its own key. */
  signingIdentity?: string | undefined;
  profiles: DeviceProfile[];
  eims: string[];
  stateChangeCause?: string | undefined;
  rPLMN?: string | undefined;
  /** Packages wait while an Emergency Profile is enabled. */
  emergency: boolean;
  defaultDpAddress?: string | undefined;
  rootSmdsAddress?: string | undefined;
  ipaFeatures?: string[] | undefined;
  ipaSupportedProtocols?: string[] | undefined;
  euiccInfo1?: string | undefined;
  euiccInfo2?: string | undefined;
  deviceInfo?: string | undefined;
  euiccCertificate?: string | undefined;
  eumCertificate?: string | undefined;
  /** Ids of orders that are pending or delivered, oldest first. */
  open: string[];
  /** Number of the last order. */
  lastOrder: number;
}

export interface OrderRecord {
  id: string;
  /** Position among the orders of the device. */
  nr: number;
  eid: string;
  request: OrderRequest;
  auto?: AutoOrder | undefined;
  status: OrderStatus;
  error?: string | undefined;
  results: OperationOutcome[];
  authenticated?: boolean | undefined;
  counterValue?: number | undefined;
  eimTransactionId?: string | undefined;
  /** The eIM Package as it was delivered, and goes out again. */
  message?: string | undefined;
  /** associationToken in its signature input. */
  associationToken?: number | undefined;
  /** Value of the eimSignature element, for the signature input of v1.0.1. */
  eimSignature?: string | undefined;
  /** SHA-256 of each answer that was taken, with what was acknowledged for it. */
  answers: { hash: string; acknowledged: number[] }[];
  /** SHA-256 of each signed data that was taken. */
  resultData: string[];
  /** Before the result, for a rollback. */
  profilesBefore?: DeviceProfile[] | undefined;
  rolledBack?: boolean | undefined;
  /** Was put back into the queue after an ecallActive. */
  retried?: boolean | undefined;
  /** errorResponse of a profileDownloadError. */
  errorResponse?: string | undefined;
}

export interface NotificationRecord {
  /** SHA-256 of what the IPA sent. */
  id: string;
  /** Order of arrival. */
  at: number;
  eid?: string | undefined;
  seqNumber: number;
  /** notificationAddress; undefined for one that can not be expanded. */
  address?: string | undefined;
  /** The PendingNotification to forward; gone when that is done. */
  data?: string | undefined;
  forwarded: boolean;
}

export const deviceKey = (eid: string): string => `device!${eid}`;
export const orderKey = (id: string): string => `order!${id}`;
export const notificationKey = (id: string): string => `note!${id}`;
/** Last counterValue of a device that was removed. */
export const counterKey = (eid: string): string => `counter!${eid}`;
