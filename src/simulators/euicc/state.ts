/**
 * Everything that the eUICC remembers, as plain data: it goes to the state file as JSON. Bytes are upper-case hex.
 */

export const EVENTS = [
  'notificationInstall',
  'notificationEnable',
  'notificationDisable',
  'notificationDelete',
] as const;
export type NotificationEvent = (typeof EVENTS)[number];

export const POLICY_RULES = ['pprUpdateControl', 'ppr1', 'ppr2'] as const;
export type PolicyRule = (typeof POLICY_RULES)[number];

export const PROFILE_CLASSES = ['test', 'provisioning', 'operational'] as const;

export interface OperatorId {
  mccMnc: string;
  gid1?: string | undefined;
  gid2?: string | undefined;
}

/** A Profile with its metadata (SGP.32 4.4). */
export interface Profile {
  /** The 10 bytes of EF_ICCID: nibbles swapped, padded with F. */
  iccid: string;
  isdpAid: string;
  profileState: 'disabled' | 'enabled';
  profileNickname?: string | undefined;
  serviceProviderName: string;
  profileName: string;
  iconType?: 'jpg' | 'png' | undefined;
  icon?: string | undefined;
  profileClass: (typeof PROFILE_CLASSES)[number];
  notificationConfigurationInfo: {
    profileManagementOperation: NotificationEvent[];
    notificationAddress: string;
  }[];
  profileOwner?: OperatorId | undefined;
  dpOid?: string | undefined;
  profilePolicyRules: PolicyRule[];
  ecallIndication: boolean;
  fallbackAttribute: boolean;
  fallbackAllowed: boolean;
  /** For GetConnectivityParameters. */
  httpParams?: string | undefined;
  /** Test Profiles differ by it in a memory reset. */
  origin: 'preloaded' | 'field';
}

export interface RatRule {
  pprIds: PolicyRule[];
  allowedOperators: OperatorId[];
  consentRequired: boolean;
}

/** An eIM, as GetEimConfigurationData tells it (SGP.32 2.11.1.1.1). */
export interface AssociatedEim {
  eimId: string;
  eimFqdn?: string | undefined;
  eimIdType?: number | undefined;
  /** The last counterValue accepted. */
  counterValue: number;
  initialCounterValue: number;
  associationToken?: number | undefined;
  /** Contents of A5: one arm, A0 SubjectPublicKeyInfo or A1 Certificate. */
  eimPublicKeyData?: string | undefined;
  /** Contents of A6. */
  trustedPublicKeyDataTls?: string | undefined;
  /** Bit numbers. */
  eimSupportedProtocol?: number[] | undefined;
  euiccCiPKId?: string | undefined;
  indirectProfileDownload: boolean;
}

export interface StoredNotification {
  seqNumber: number;
  event: NotificationEvent;
  iccid: string;
  address: string;
  /** The whole PendingNotification. */
  signed: string;
}

export interface StoredResult {
  seqNumber: number;
  /** The whole BF51. */
  signed: string;
}

/** What ProfileRollback needs, from a package that enabled a Profile with rollbackFlag (SGP.32 3.4.1). */
export interface RollbackAuthorisation {
  previousIccid: string;
  /** seqNumbers of the notifications of the switch. */
  notifications: number[];
  resultSeqNumber: number;
  eimId: string;
  eimTransactionId?: string | undefined;
  counterValue: number;
  /** The element of the request. */
  eimSignature?: string | undefined;
  associationToken: number;
  euiccCiPKId?: string | undefined;
  /** The EuiccResultData elements one after the other. */
  results: string;
  /** Set by a seeded defect only: the Profile to return to is gone. */
  unchecked?: boolean | undefined;
}

/** A change of the enabled Profile that was asked for and has not taken effect. */
export interface PendingChange {
  /** The Profile that will be enabled; null: none. */
  enabled: string | null;
  /** Profiles that go when the change takes effect. */
  deletions: string[];
  refresh: boolean;
}

export interface Limits {
  /** Greatest counterValue; at least 0x7FFFFF (SGP.32 2.11.1.1.1). */
  maxCounterValue: number;
  maxEims: number;
  /** Bytes of an EuiccPackageRequest. */
  maxPackageSize: number;
  /** Bytes of the EuiccResultData elements of one package. */
  maxResponseSize: number;
  maxProfiles: number;
  channels: number;
}

export interface Capabilities {
  svn: string;
  profileVersion: string;
  euiccFirmwareVer: string;
  ts102241Version: string;
  globalplatformVersion: string;
  ppVersion: string;
  sasAcreditationNumber: string;
  /** Bit numbers. */
  uiccCapability: number[];
  rspCapability: number[];
  treProperties: number[];
  euiccCategory: number;
  iotVersion: string[];
  ipaeSupported: boolean;
  ecallSupported: boolean;
  fallbackSupported: boolean;
  immediateEnableSupported: boolean;
  eimResetSupported: boolean;
  /** Of the proactive command REFRESH (ETSI TS 102 223 8.6); absent: 04, UICC reset. */
  refreshQualifier?: number | undefined;
}

export interface EuiccState {
  format: 1;
  eid: string;
  profiles: Profile[];
  pendingChange?: PendingChange | undefined;
  rollback?: RollbackAuthorisation | undefined;
  /** The Profile to which DisableEmergencyProfile returns; null: none was enabled. Present: the Emergency Profile is on. */
  emergencyReturn?: string | null | undefined;
  fallbackReturn?: string | undefined;
  notifications: StoredNotification[];
  results: StoredResult[];
  /** The last number given to a notification or to an eUICC Package Result. */
  seqNumber: number;
  eims: AssociatedEim[];
  /** The last token given to an eIM. */
  associationToken: number;
  /** An eIM was associated at some time. */
  eimSeen: boolean;
  defaultDpAddress?: string | undefined;
  initialDefaultDpAddress?: string | undefined;
  rootDsAddress: string;
  rat: RatRule[];
  immediateEnable?: { smdpOid?: string | undefined; smdpAddress?: string | undefined } | undefined;
  ipaMode: 'ipad' | 'ipae';
  limits: Limits;
  capabilities: Capabilities;
  /** Set by a seeded defect only: the EID is no more told. */
  eidCleared?: boolean | undefined;
  /** Set by a seeded defect only: Profiles whose memory was not given back. */
  leaked?: number | undefined;
  catBusy: boolean;
  memoryFull: boolean;
  /** Power fails in the next package, after that many operations; -1: after half of them. */
  interruptAfter?: number | undefined;
  /** The operation of the next package, counted from 0, that answers with this code in place of running. */
  failOperation?: { after: number; code: number; processingTerminated: boolean } | undefined;
  /** The next package is answered with this error in place of running. */
  failPackage?: { code?: number | undefined; unsigned: boolean } | undefined;
}

/** The Profile that is enabled once a pending change has taken effect. */
export function enabledProfile(state: EuiccState): Profile | undefined {
  const change = state.pendingChange;
  return change === undefined
    ? state.profiles.find((p) => p.profileState === 'enabled')
    : state.profiles.find((p) => p.iccid === change.enabled);
}

export const profileByIccid = (state: EuiccState, iccid: string): Profile | undefined =>
  state.profiles.find((p) => p.iccid === iccid);

export const eimById = (state: EuiccState, eimId: string): AssociatedEim | undefined =>
  state.eims.find((e) => e.eimId === eimId);
