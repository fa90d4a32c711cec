/** S_eIM, the eIM made of software: what its parts and its users share. */

export type EimVersion = '1.0.1' | '1.2';

/** One operation of an eUICC Package. Exactly one list: profile state management or eIM configuration, never both. */
export type PackageOperation =
  /** ICCIDs are the 10 bytes of tag 5A in hex. */
  | { readonly operation: 'enable'; readonly iccid: string; readonly rollbackFlag?: boolean | undefined }
  | { readonly operation: 'disable' | 'delete' | 'setFallbackAttribute'; readonly iccid: string }
  | {
      readonly operation: 'listProfileInfo';
      readonly searchCriteria?:
        | { readonly iccid: string }
        | { readonly isdpAid: string }
        | { readonly profileClass: 'test' | 'provisioning' | 'operational' }
        | undefined;
      /** Tags one after the other, hex. */
      readonly tagList?: string | undefined;
    }
  | { readonly operation: 'getRAT' | 'unsetFallbackAttribute' | 'listEim' }
  | {
      readonly operation: 'configureImmediateEnable';
      readonly immediateEnableFlag?: boolean | undefined;
      readonly defaultSmdpOid?: string | undefined;
      readonly defaultSmdpAddress?: string | undefined;
    }
  | { readonly operation: 'setDefaultDpAddress'; readonly defaultDpAddress: string }
  | { readonly operation: 'addEim' | 'updateEim'; readonly eim: EimConfiguration }
  | { readonly operation: 'deleteEim'; readonly eimId: string };

/** EimConfigurationData (SGP.32 2.11.1.1.1). */
export interface EimConfiguration {
  readonly eimId: string;
  readonly eimFqdn?: string | undefined;
  readonly eimIdType?: 'oid' | 'fqdn' | 'proprietary' | undefined;
  readonly counterValue?: number | undefined;
  /** -1 asks the eUICC for one. */
  readonly associationToken?: number | undefined;
  /** DER hex of a SubjectPublicKeyInfo or of a Certificate. */
  readonly eimPublicKey?: string | undefined;
  readonly eimCertificate?: string | undefined;
  readonly trustedEimPkTls?: string | undefined;
  readonly trustedCertificateTls?: string | undefined;
  readonly eimSupportedProtocol?: readonly string[] | undefined;
  /** Hex. */
  readonly euiccCiPKId?: string | undefined;
  readonly indirectProfileDownload?: boolean | undefined;
}

export type OrderRequest =
  | { readonly kind: 'package'; readonly operations: readonly PackageOperation[] }
  | {
      readonly kind: 'ipaEuiccData';
      /** Tags one after the other, hex; without it a default list of the version. */
      readonly tagList?: string | undefined;
      readonly euiccCiPKIdentifierToBeUsed?: string | undefined;
      readonly searchCriteriaNotification?:
        | { readonly seqNumber: number }
        | { readonly profileManagementOperation: 'install' | 'enable' | 'disable' | 'delete' }
        | undefined;
      readonly searchCriteriaEuiccPackageResult?: { readonly seqNumber: number } | undefined;
    }
  | {
      readonly kind: 'profileDownload';
      /** Exactly one, or none: then the trigger carries no profileDownloadData. */
      readonly activationCode?: string | undefined;
      readonly contactDefaultSmdp?: boolean | undefined;
      /** Empty text: contactSmds without an address. */
      readonly smdsAddress?: string | undefined;
    };

export type OrderStatus = 'pending' | 'delivered' | 'done' | 'failed';

/** What became of one operation: the name of its result code, `ok` or another of SGP.32 2.11.2.1. */
export interface OperationOutcome {
  readonly operation: string;
  /** `notExecuted` when the package ended before it. */
  readonly code: string;
  /** What a listing told: ProfileInfo, RAT rules, eIM ids; plain JSON, bytes in hex. */
  readonly data?: unknown;
}

export interface OrderView {
  readonly id: string;
  readonly eid: string;
  readonly kind: OrderRequest['kind'];
  readonly status: OrderStatus;
  /** Name of the error of the whole order: `replayError`, `incorrectTagList`, `invalidPackageFormat`, `ecallActive`, ... */
  readonly error?: string | undefined;
  readonly results: readonly OperationOutcome[];
  /** False: an unsigned error was taken at its word. */
  readonly authenticated?: boolean | undefined;
  readonly counterValue?: number | undefined;
  readonly eimTransactionId?: string | undefined;
  /** Hex, of a profileDownloadError. */
  readonly errorResponse?: string | undefined;
}

export interface DeviceProfile {
  readonly iccid: string;
  readonly state: 'enabled' | 'disabled';
  readonly fallbackAttribute: boolean;
}

/** What the eIM knows of a device, told to the operator. */
export interface DeviceView {
  readonly eid: string;
  /** False after a memory reset, or when it deleted itself. */
  readonly associated: boolean;
  readonly associationToken?: number | undefined;
  /** Of the last package built. */
  readonly counterValue: number;
  readonly profiles: readonly DeviceProfile[];
  readonly eims: readonly string[];
  /** Names: otherEim, fallback, ... of the last report. */
  readonly stateChangeCause?: string | undefined;
  /** Hex. */
  readonly rPLMN?: string | undefined;
  readonly defaultDpAddress?: string | undefined;
  readonly ipaFeatures?: readonly string[] | undefined;
  readonly ipaSupportedProtocols?: readonly string[] | undefined;
  /** Hex DER of what data requests brought. */
  readonly euiccInfo1?: string | undefined;
  readonly euiccInfo2?: string | undefined;
  readonly deviceInfo?: string | undefined;
  readonly euiccCertificate?: string | undefined;
  readonly eumCertificate?: string | undefined;
  /** Notifications that wait for their SM-DP+. */
  readonly notificationsToForward: number;
}

export interface NewDevice {
  readonly eid: string;
  /** DER hex. Without them the first order is a data request for them. */
  readonly eumCertificate?: string | undefined;
  readonly euiccCertificate?: string | undefined;
  readonly associationToken?: number | undefined;
  /** counterValue of the EimConfigurationData that the card got. */
  readonly counterValue?: number | undefined;
  /** Greatest counterValue that the eUICC supports; by default 8388607. */
  readonly maxCounterValue?: number | undefined;
}

/** What the management API calls; REST faces are thin. */
export interface EimOperator {
  /** @throws {EimRefusal} `device-exists`, `invalid-eid`, `invalid-certificate`. */
  addDevice(device: NewDevice): Promise<DeviceView>;
  /** @throws {EimRefusal} `device-unknown`. */
  removeDevice(eid: string): Promise<void>;
  /** @throws {EimRefusal} `device-unknown`. */
  device(eid: string): Promise<DeviceView>;
  devices(): Promise<readonly DeviceView[]>;
  /** @throws {EimRefusal} `device-unknown`, `invalid-iccid`, `empty-package`, `mixed-package`, `counter-exhausted`, `invalid-activation-code`, `not-associated`, ... */
  order(eid: string, request: OrderRequest): Promise<OrderView>;
  /** @throws {EimRefusal} `order-unknown`. */
  orderView(id: string): Promise<OrderView>;
  /** EimConfigurationData with which an eUICC becomes associated, as fields and as DER hex. */
  eimConfiguration(): EimConfiguration & { readonly der: string };
}

/** Told when a store can not be written and the like. */
export interface Eim {
  readonly eimId: string;
  readonly sgp32Version: EimVersion;
  readonly operator: EimOperator;
  /**
   * One ESipa message in the ASN.1 binding. @returns the answer; undefined when the function has none (HTTP 204,
   * CoAP 2.04). @throws {EsipaRefusal} for bytes that are no ESipa message: a transport fault (HTTP 400).
   * @param connection any object that stands for the connection: a v1.0.1 answer that names no device is taken for
   *   one of the device that asked last over it.
   */
  handleEsipa(message: Uint8Array, connection?: object): Promise<Uint8Array | undefined>;
  /** Ends in order; what is promised to peers is in the store. */
  close(): Promise<void>;
}
