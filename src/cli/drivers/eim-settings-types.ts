/** What a target says about an eIM, checked and read: options of the channels, of the listener and of the built-in eIM. */
import type { ManagementMapping } from '../../../drivers/management/mapping.js';

export const EIM_KINDS = ['eim-https', 'eim-coap'] as const;
export type EimKind = (typeof EIM_KINDS)[number];

/** Exactly one; options of `createHttpsChannel` and of DTLS. */
export interface EimTrust {
  /** PEM, one certificate or several. */
  readonly ca?: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly pinnedSpki?: Uint8Array;
  /** DER. */
  readonly pinnedCertificate?: Uint8Array;
  readonly none?: true;
}

/** Only what the target says is there, so that it can be spread into the options of the channel. */
export interface EimHttpsSettings {
  readonly asn1Path?: string;
  readonly jsonPath?: string;
  readonly contentType?: string;
  readonly adminProtocol?: string;
  readonly userAgent?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly http2?: boolean;
  readonly plainHttp?: boolean;
  readonly ciphers?: readonly string[];
  readonly tlsVersions?: readonly string[];
  readonly deadlineMs?: number;
  readonly servername?: string;
}

export interface EimCoapSettings {
  readonly path?: string[];
  /** null: the option is left out. */
  readonly contentFormat?: number | null;
  readonly psk?: { readonly identity: string; readonly key: Uint8Array };
  readonly ciphers?: readonly string[];
  readonly groups?: readonly string[];
  readonly plain?: boolean;
  readonly deadlineMs?: number;
  readonly servername?: string;
}

/** A device that the vendor's eIM is prepared for. Without certificate and key the tool makes both for its EID. */
export interface EimDeviceSettings {
  readonly eid: string;
  /** Absolute path of a personalisation file of S_eUICC. */
  readonly personalisation?: string;
  /** PEM texts of the eUICC's identity; all three or none. */
  readonly certificate?: string;
  readonly privateKey?: string;
  readonly eumCertificate?: string;
}

export interface EimNotificationSettings {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** PEM texts; undefined: S_SM_DP_TLS of the PKI folder. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string };
  readonly plain: boolean;
  /** FQDN under which the eIM finds the listener; goes into the notificationAddress of S_eUICC's notifications. */
  readonly address?: string;
}

/** The eIM made of software, started for the run. Only what the target says is there. */
export interface BuiltInEimSettings {
  readonly eimId?: string;
  readonly eimFqdn?: string;
  readonly signingIdentity?: string;
  readonly tlsIdentity?: string;
  /** Absolute path of a folder. */
  readonly store?: string;
  readonly transactionIds?: boolean;
  readonly indirectProfileDownload?: boolean;
  readonly autoRefresh?: boolean;
  readonly refuseNeedless?: boolean;
  readonly jsonErrorForm?: 'header' | 'body';
  readonly http2?: boolean;
  /** CoAP: every request is acknowledged first and answered separately. */
  readonly separate?: boolean;
}

export interface EimDriverSettings {
  readonly kind: EimKind;
  /** Undefined only with `builtIn`: a free port of the loopback. */
  readonly url: string | undefined;
  /** For `eim-coap`: where the same eIM is reached over HTTPS. Undefined: nowhere, or with `builtIn` a free port. */
  readonly httpsUrl: string | undefined;
  readonly binding: 'asn1' | 'json';
  /** Undefined: the CI certificates of the PKI folder. */
  readonly trust: EimTrust | undefined;
  /** For `eim-https`; empty otherwise. */
  readonly https: EimHttpsSettings;
  /** For `eim-coap`; empty otherwise. */
  readonly coap: EimCoapSettings;
  readonly devices: {
    /** How many sequences may run at once, each with a device of its own; default 1. */
    readonly concurrent: number;
    /** Empty: any EID may be made known. */
    readonly list: readonly EimDeviceSettings[];
  };
  readonly notifications: EimNotificationSettings | undefined;
  /**
   * Undefined: only with `builtIn`, whose operator is called in this process. With `builtIn` and a mapping, `{api.url}`
   * is not known before the start: the base URL may be left out and is then that of the built-in REST API.
   */
  readonly management: ManagementMapping | undefined;
  readonly builtIn: BuiltInEimSettings | undefined;
}
