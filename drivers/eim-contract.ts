/**
 * How an eIM under test is reached: ESipa as an IPA speaks it, the vendor's management API as an operator uses it,
 * and what the eIM sends to an SM-DP+. A driver moves bytes and reports what it saw; it never judges.
 */
import type { EuiccDriver, IutIdentity, TraceEvent } from './contract.js';

/** What a transport or a management API tells, as plain texts. Numbers are decimal, bytes upper-case hex, flags true or false. */
export type Facts = string | readonly Facts[] | FactMap;
export interface FactMap {
  readonly [name: string]: Facts;
}

/** Exactly one; both in DER. */
export interface PinnedTrust {
  /** SubjectPublicKeyInfo of the eIM. */
  readonly pinnedSpki?: Uint8Array;
  /** The eIM's certificate, or that of a CA that it chains to. */
  readonly pinnedCertificate?: Uint8Array;
}

/** What a TLS or DTLS client offers; what is not given is what a good IPA offers (SGP.32 2.6.3.2). */
export interface TlsOffer {
  /** `TLSv1.1`, `TLSv1.2`, `TLSv1.3`; `DTLSv1`, `DTLSv1.2`. */
  readonly versions?: readonly string[];
  /** OpenSSL or IANA names. */
  readonly ciphers?: readonly string[];
  /** `prime256v1`, `brainpoolP256r1`, ... in order of preference. */
  readonly groups?: readonly string[];
  /** `ECDSA+SHA256`, ... */
  readonly signatureAlgorithms?: readonly string[];
  /** Server name indication, and the name that the certificate must have; null: none is sent. */
  readonly servername?: string | null;
  /** Takes the place of what the target trusts, as trustedPublicKeyDataTls does for an IPA (SGP.32 2.11.1.1.1). */
  readonly trust?: PinnedTrust;
  /** Offers the session of the device's last handshake, or of one made for it (`ticketOffered` in the facts). */
  readonly resume?: boolean;
  /** DTLS: a ClientHello with a cookie in which a bit is wrong, and nothing behind it (`wrongCookie` in the facts). */
  readonly wrongCookie?: boolean;
}

/** What is not as the HTTP binding wants it (SGP.32 6.1). */
export interface HttpDeviation {
  readonly method?: string;
  readonly path?: string;
  /** Replaced headers by name; null: left out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Transfer-Encoding: chunked, in blocks of that many bytes. */
  readonly chunked?: number;
  /** Plain HTTP to the port of HTTPS. */
  readonly plain?: boolean;
  /** The connection is reset after that many bytes of the body; Content-Length says all of them. */
  readonly cutAfter?: number;
  /** Zero bytes go out behind the body, until it is so long. */
  readonly fillTo?: number;
}

/** What is not as CoAP wants it, or a choice that CoAP leaves open (RFC 7252, RFC 7959). */
export interface CoapDeviation {
  /** `0.02` is POST. */
  readonly code?: string;
  readonly path?: string;
  /** Content-Format number; null: left out. */
  readonly contentFormat?: number | null;
  /** Additional options: number and hex value. */
  readonly options?: readonly { readonly number: number; readonly value: string }[];
  /** Bytes of a block, 16 to 1024. */
  readonly blockSize?: number;
  /** The second block goes out in place of the first. */
  readonly blocksOutOfOrder?: boolean;
  /** The same datagram (same message id) is sent twice. */
  readonly duplicate?: boolean;
  /** The last DTLS record is sent twice. */
  readonly replayRecord?: boolean;
  /** Plain CoAP to the port of CoAPs. */
  readonly plain?: boolean;
}

export interface EsipaRequest {
  /** Name of the device that speaks: each has a connection of its own. */
  readonly device: string;
  /** Over HTTPS although the target speaks CoAP: {@link EimDriver.esipaOverHttps}. Channels do not look at it. */
  readonly over?: 'https';
  /** On a new connection. */
  readonly fresh?: boolean;
  /** DER of an EsipaMessageFromIpaToEim; the binding of the channel wraps it. */
  readonly message?: Uint8Array;
  /** These bytes as the body, in place of what the binding makes of `message`. */
  readonly body?: Uint8Array;
  readonly http?: HttpDeviation;
  readonly coap?: CoapDeviation;
  readonly tls?: TlsOffer;
  /** Nothing but a handshake, on a new connection that is closed afterwards. */
  readonly handshakeOnly?: boolean;
}

/** Why there is no ESipa answer although the eIM could be reached. */
export type ChannelFaultKind =
  /** No whole answer before the deadline. */
  | 'timeout'
  /** The connection was closed or reset before the whole answer was there. */
  | 'reset'
  /** No session: an alert, or an end in the handshake. */
  | 'handshake'
  /** The eIM's certificate is none that the IPA may trust. */
  | 'certificate'
  /** More bytes than an answer may have. */
  | 'oversized'
  /** Neither HTTP nor CoAP, or not what the binding says. */
  | 'malformed'
  /** Something came where nothing must come. */
  | 'unexpected';

export interface ChannelFault {
  readonly kind: ChannelFaultKind;
  /** Where it was seen: `tls.certificate`, `http.headers`, `json.header`. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** Where the answer is not what the binding demands, although it could be read: member of the JSON, header, option. */
export interface BindingFinding {
  readonly severity: 'violation' | 'note';
  /** Stable: `json-member-missing`, `http-content-type`, ... */
  readonly code: string;
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

export interface EimObservation {
  /** DER of the ESipa answer, out of the JSON members where the binding is JSON; empty when there was none. */
  readonly data: Uint8Array;
  /**
   * `http`: { version, status, headers: { name in lower case: value }, bodyLength, connectionRequest }, the last being
   * the number of the request on its connection, from 1;
   * `coap`: { code, type, contentFormat, payloadLength, block1, block2, blocks, separate, tokenEcho };
   * `tls`: { version, cipher, group, certificate, chain, certificateRequested, resumed, alert }; `alert` is the name
   * of RFC 8446 in lower case with underscores; with `wrongCookie` { hello, wrongCookie }, what the ClientHello without
   * and that with the wrong cookie were answered with: `HelloVerifyRequest`, `ServerHello`, `alert NAME`, `nothing`; `json`: the members of a JSON answer.
   */
  readonly facts: FactMap;
  readonly fault?: ChannelFault;
  readonly findings: readonly BindingFinding[];
  readonly events: readonly TraceEvent[];
}

/** ESipa in one transport and one binding. */
export interface EsipaChannel {
  readonly transport: 'https' | 'coap' | 'in-process';
  readonly binding: 'asn1' | 'json';
  /** `https://127.0.0.1:8443`, as the target says. */
  readonly url: string;
  /**
   * Never rejects for anything that the eIM does: that is in `fault` and `facts`.
   * @throws {TransportError} `unreachable` (refused, no route, no such name), `aborted`; {Sgp33Error} for a request
   *   that the binding can not carry: `not-in-json`; or the transport: `no-transport`.
   */
  exchange(request: EsipaRequest, signal?: AbortSignal): Promise<EimObservation>;
  /** Closes the connections of one device, or all. */
  close(device?: string): Promise<void>;
}

/** What an operator orders; parameters of each are in docs/management-api.md. */
export const MANAGEMENT_OPERATIONS = [
  'addDevice',
  'removeDevice',
  'exportEimConfiguration',
  'enable',
  'disable',
  'delete',
  'listProfileInfo',
  'getRAT',
  'configureImmediateEnable',
  'setFallbackAttribute',
  'unsetFallbackAttribute',
  'setDefaultDpAddress',
  'addEim',
  'updateEim',
  'deleteEim',
  'listEim',
  'package',
  'ipaEuiccData',
  'profileDownload',
  'outcome',
  'device',
  'restart',
] as const;
export type ManagementOperation = (typeof MANAGEMENT_OPERATIONS)[number];

export interface ManagementAnswer {
  /** False: the eIM refused the order; `facts` may say why (`status`, `reason`). */
  readonly accepted: boolean;
  readonly facts: FactMap;
  readonly events: readonly TraceEvent[];
}

export interface ManagementApi {
  /** Operations that the target maps. */
  readonly operations: ReadonlySet<ManagementOperation>;
  /** Names of the facts that the target maps for an operation; undefined where any may come. */
  tells?(operation: ManagementOperation): ReadonlySet<string> | undefined;
  /**
   * @param parameters bytes are hex, EIDs 32 digits, ICCIDs the 10 bytes of tag 5A in hex; a mapping turns them into
   *   what the vendor wants.
   * @throws {TransportError} `unreachable`, `timeout`, `aborted`; {Sgp33Error} `operation-not-mapped`,
   *   `management-answer` (an answer that the mapping can not read), `management-command`.
   */
  call(operation: ManagementOperation, parameters: FactMap, signal?: AbortSignal): Promise<ManagementAnswer>;
  close(): Promise<void>;
}

/** A PendingNotification that an eIM delivered with ES9+'.HandleNotification. */
export interface ReceivedNotification {
  /** DER of the PendingNotification. */
  readonly data: Uint8Array;
  /**
   * `http` as in {@link EimObservation}: path, method and headers of the request; `answered` is the status that it got,
   * or `none`. `tls`: version, cipher, servername and resumed of its session.
   */
  readonly facts: FactMap;
  readonly events: readonly TraceEvent[];
}

/**
 * `listening`: takes notifications, 204. `refusing`: 503. `silent`: the connection ends without an answer, as where the
 * SM-DP+ is away.
 */
export const LISTENER_STATES = ['listening', 'refusing', 'silent'] as const;
export type ListenerState = (typeof LISTENER_STATES)[number];

/** The HTTPS (or plain) listener that plays the SM-DP+ towards the eIM. */
export interface NotificationListener {
  /** `127.0.0.1:8444`. */
  readonly address: string;
  /**
   * The next notification that `wanted` takes and nobody else took; waits for it.
   * @returns undefined when none came before the deadline.
   */
  next(
    wanted: (data: Uint8Array) => boolean,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<ReceivedNotification | undefined>;
  /** What arrived and was not taken. */
  readonly waiting: number;
  /**
   * How notifications that `concerned` takes are met until the next call with the same function. Others are not
   * concerned: many sequences use one listener. What is not taken comes to `next` all the same, until that next call.
   */
  setState(state: ListenerState, concerned: (data: Uint8Array) => boolean): void;
  close(): Promise<void>;
}

/** What an eUICC shows and signs with under one CI. */
export interface EuiccChain {
  /** DER in hex. */
  readonly eumCertificate: string;
  readonly euiccCertificate: string;
  /** `r || s` with the eUICC's key, for results made by hand. */
  sign(data: Uint8Array): Uint8Array;
}

/** A device: S_eUICC, with what an eIM must know of it. */
export interface EimDevice {
  /** 32 digits. */
  readonly eid: string;
  readonly card: EuiccDriver;
  /** @param ciPKId hex; the first CI's chain for another or none, as an eUICC chooses. */
  chain(ciPKId: string | undefined): EuiccChain;
  /** The EID was used before: the eIM may still have work for it. */
  readonly reused: boolean;
}

/** The one interface between engine and drivers for an eIM. */
export interface EimDriver {
  readonly kind: 'eIM';
  readonly identity: IutIdentity;
  readonly esipa: EsipaChannel;
  /** The same eIM over HTTPS in the ASN.1 binding, where the target speaks CoAP and says where that is. */
  readonly esipaOverHttps?: EsipaChannel | undefined;
  readonly management: ManagementApi;
  /** Undefined where the target has none: sequences that end in one are INCONCLUSIVE. */
  readonly notifications: NotificationListener | undefined;
  /** FQDN under which the eIM finds the listener; undefined: that of the constant TEST_DP_ADDRESS1. */
  readonly notificationAddress: string | undefined;
  /** Starts what must run before anything is sent (the built-in eIM, the listener). */
  open(signal?: AbortSignal): Promise<readonly TraceEvent[]>;
  /**
   * A device for one sequence, with an EID of its own, or the next free one of the target's list; waits for one.
   * @param ciPKId hex, of the CI under which the eIM looks at eUICCs.
   */
  takeDevice(ciPKId: string | undefined, signal?: AbortSignal): Promise<EimDevice>;
  /** Gives it back. */
  releaseDevice(device: EimDevice): Promise<void>;
  close(): Promise<void>;
}
