/**
 * How an IPAd under test is reached: something makes it poll, and everything around it is the tool's own: the eIMs that
 * it speaks to, the eUICC that it uses, the SM-DP+ that it notifies. A driver moves bytes and reports what it saw; it
 * never judges, and it answers nothing by itself.
 */
import type { IutIdentity, PersonalisationRequest, TraceEvent } from './contract.js';
import type { BindingFinding, EsipaChannel, FactMap, NotificationListener } from './eim-contract.js';

/** A server certificate as a listener presents it; `good` is the one that the IPAd was told to trust. */
export const SERVER_CERTIFICATES = [
  /** Leaf under the CI that EimConfigurationData names, P-256. */
  'good',
  /** The same on brainpoolP256r1. */
  'brainpool',
  /** Leaf under an intermediate CA, which is sent with it. */
  'intermediate',
  /** Signature of the issuer altered. */
  'bad-signature',
  'expired',
  'not-yet-valid',
  /** Issued by a CA that nobody trusts, with the names and the dates of `good`. */
  'unknown-ca',
  /** Names and issuer of `good`, another key: only a pinned key can tell. */
  'other-key',
  /** Other DNS names. */
  'other-name',
  /** Extended key usage without serverAuth. */
  'no-server-auth',
  'self-signed',
] as const;
export type ServerCertificate = (typeof SERVER_CERTIFICATES)[number];

/** What an IPAd may be given as trustedPublicKeyDataTls (SGP.32 2.6.3.2). */
export const TRUST_KINDS = [
  /** trustedEimPkTls: the SubjectPublicKeyInfo of `good`. */
  'public-key',
  /** trustedCertificateTls: the leaf `good` itself. */
  'certificate',
  /** trustedCertificateTls: the CI under which `good` stands. */
  'ca',
  /** trustedCertificateTls: the intermediate CA of `intermediate`. */
  'intermediate-ca',
] as const;
export type TrustKind = (typeof TRUST_KINDS)[number];

/** What a listener shows from its next connection on; what is not given is what a good eIM shows. */
export interface ServerPresentation {
  readonly certificate?: ServerCertificate;
  /** `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`; `DTLSv1`, `DTLSv1.2`. From the oldest to the newest of them. */
  readonly versions?: readonly string[];
  /** OpenSSL names. */
  readonly ciphers?: readonly string[];
  /** HTTPS: a ServerHello of TLS 1.2 with a cipher suite that the IPAd did not offer, and nothing behind it. */
  readonly unofferedCipher?: boolean;
  /** A CertificateRequest goes out, and any certificate is taken, and none. */
  readonly requestClientCertificate?: boolean;
  /** Sessions may be resumed until the next `present` (session tickets, and in TLS 1.3 pre-shared keys); default false. */
  readonly resumption?: boolean;
  /** HelloVerifyRequest before the handshake of DTLS; default true. */
  readonly cookies?: boolean;
  /** Connections are refused: nothing listens on the port. */
  readonly down?: boolean;
  /** Connections are taken and nothing is ever said. */
  readonly mute?: boolean;
}

/** What is not as the HTTP binding wants it (SGP.32 6.1). */
export interface HttpReplyDeviation {
  readonly status?: number;
  /** Replaced headers by name; null: left out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** The connection is reset after that many bytes of the body; Content-Length says all of them. */
  readonly cutAfter?: number;
  /** Zeros behind the body, until it has that many bytes. */
  readonly fillTo?: number;
}

/** What is not as CoAP wants it, or a choice that CoAP leaves open (RFC 7252, RFC 7959). */
export interface CoapReplyDeviation {
  /** `2.04`, `4.04`, `5.03`. */
  readonly code?: string;
  /** Content-Format number; null: left out. */
  readonly contentFormat?: number | null;
  /** Additional options: number and hex value. */
  readonly options?: readonly { readonly number: number; readonly value: string }[];
  /** Bytes of a block, 16 to 1024. */
  readonly blockSize?: number;
  /** Empty ACK first, the response as a confirmable message of its own. */
  readonly separate?: boolean;
  /** The first datagram of the answer is lost: the client has to send again. */
  readonly loseFirst?: boolean;
  /** The block with that number (from 0) is answered with 4.08. */
  readonly missingBlock?: number;
  /** RST in place of an answer. */
  readonly reset?: boolean;
}

/** With neither `message` nor `body`: nothing in the body, HTTP 204 or CoAP 2.04 unless another code is given. */
export interface EsipaReply {
  /** DER of an EsipaMessageFromEimToIpa; the binding of the request wraps it. */
  readonly message?: Uint8Array;
  /** These bytes as the body, in place of what the binding makes of `message`. */
  readonly body?: Uint8Array;
  readonly http?: HttpReplyDeviation;
  readonly coap?: CoapReplyDeviation;
  /** Nothing is said; the connection stays open. */
  readonly silence?: boolean;
  /** The connection is closed in place of an answer. */
  readonly close?: boolean;
}

/** What became of an answer. */
export interface ReplyOutcome {
  /** What went over the wire. */
  readonly events: readonly TraceEvent[];
  /**
   * `coap`: { retransmissions: how often the IPAd sent the request again, blocks: how many blocks of the answer it was
   * given, complete: whether the last one was among them, acknowledged: whether it acknowledged a `separate` answer }.
   */
  readonly facts: FactMap;
}

interface Arrival {
  /** Milliseconds since the listener was opened. */
  readonly at: number;
  /** Number of the connection (TCP, or DTLS association), from 1. */
  readonly connection: number;
  /**
   * As far as known. `tls`: { version, cipher, group, servername, alpn, clientCertificate, resumed, alert, alertSent,
   * reason } and of the ClientHello { versionsOffered, ciphersOffered, groupsOffered, signatureAlgorithmsOffered,
   * alpnOffered, extensionsOffered, resumptionOffered }, over DTLS cookieExchanged. Alerts are names of RFC 8446 in lower case with underscores:
   * `alert` the IPAd's, `alertSent` the listener's; `reason` is OpenSSL's for the end of a handshake. Suites are
   * IANA's names, versions, groups and signature algorithms as in TlsOffer, extensions numbers; what has no name is
   * hex. `http`: { version, method, path, headers: { name in lower case: value }, bodyLength, connectionRequest }, the
   * last being the number of the request on its connection, from 1; `coap`: { code, path, type, contentFormat,
   * payloadLength, blocks, retransmissions }; `json`: the members of a JSON request; `connection` where it is over: {
   * requests, end }, the number of requests that came, and `closed` (close_notify or FIN), `reset` or `idle`.
   */
  readonly facts: FactMap;
  readonly events: readonly TraceEvent[];
}

/** A request that reached the listener, and waits for its answer. */
export interface EsipaArrival extends Arrival {
  readonly kind: 'message';
  readonly binding: 'asn1' | 'json';
  /** DER of the EsipaMessageFromIpaToEim, out of the JSON members where the binding is JSON; empty where it is none. */
  readonly data: Uint8Array;
  readonly findings: readonly BindingFinding[];
  /**
   * Once. Resolves when all of it is out: over CoAP when the IPAd has fetched the last block and, with `separate` or
   * `loseFirst`, showed that it has it, with `reset` when a message that is sent again would have come, and at the latest
   * with its next request, with the end of the connection, or after a while. Never rejects for an IPAd that is gone.
   * @throws {Sgp33Error} `not-in-json` for a message that the JSON binding can not carry: nothing was said yet.
   */
  reply(reply: EsipaReply): Promise<ReplyOutcome>;
}
/**
 * A connection on which no request can come any more: the handshake failed, or the IPAd closed it, or it was idle for too
 * long. One that the listener closed because it was told to is not reported.
 */
export interface ConnectionArrival extends Arrival {
  readonly kind: 'handshake-failed' | 'closed';
}
/** A connection that is ready for a request. */
export interface SessionArrival extends Arrival {
  readonly kind: 'session';
}
/** Bytes that are neither HTTP nor CoAP, or too many. The listener has refused them already. */
export interface GarbageArrival extends Arrival {
  readonly kind: 'garbage';
  readonly data: Uint8Array;
  readonly reason: string;
}
export type ListenerArrival = EsipaArrival | ConnectionArrival | SessionArrival | GarbageArrival;

/** Plays the server side of ESipa: takes what comes and says what it is told to say. */
export interface EsipaListener {
  readonly transport: 'https' | 'coap';
  /** `127.0.0.1:8443`. */
  readonly address: string;
  /** Name that `good` certificates carry; the eimFqdn of the EimConfigurationData. */
  readonly serverName: string;
  /** DER of a SubjectPublicKeyInfo (`public-key`) or a certificate. */
  trustAnchor(kind: TrustKind): Uint8Array;
  /** Resolves when the next connection is met so. Connections that are there are closed. */
  present(presentation: ServerPresentation): Promise<void>;
  /** The next arrival in order; undefined when none came before the deadline. Bounded: what overflows is refused. */
  next(deadlineMs: number, signal?: AbortSignal): Promise<ListenerArrival | undefined>;
  /** Forgets what arrived and was not taken, answers it with an error, and closes all connections. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** What can be made to happen at a device; which of them a target maps is its own matter. */
export const IPAD_TRIGGERS = [
  /** Takes the device up: after this it may poll by itself. */
  'start',
  /** One retrieval, now. */
  'poll',
  /** Power off and on of the device, what it stored is kept. */
  'restart',
  'stop',
  /** AddInitialEim out of the device's own configuration (SGP.32 3.5.2). */
  'addInitialEim',
  /** eUICC memory reset with resetEimConfigData. */
  'resetEimConfiguration',
  /** eUICC memory reset that deletes Profiles. */
  'memoryReset',
  'executeFallback',
  'returnFromFallback',
  'enableEmergencyProfile',
  'disableEmergencyProfile',
  'immediateEnable',
  /** The eUICC is in another device now, as far as the IPAd can tell (SGP.32 5.14.5). */
  'deviceChange',
] as const;
export type IpadTriggerName = (typeof IPAD_TRIGGERS)[number];

/** Parameters of a trigger: `{name}` in a mapping. */
export const TRIGGER_PARAMETERS = {
  /** Given with every trigger; `trigger` is its name and `uuid` a new one each time, both without the engine's doing. */
  always: ['trigger', 'uuid', 'sequence', 'eimId', 'eimFqdn', 'eimAddress'],
  /** Given where there is such a thing: `{name?}`. */
  sometimes: [
    ...['eid', 'eim2Id', 'eim2Fqdn', 'eim2Address', 'cardPort', 'reader', 'notificationAddress'],
    'injectionPort',
    /** Hex of the DER that an IPAd is to hand over with AddInitialEim. */
    'eimConfigurationData',
  ],
} as const;

/** How what a trigger started came to its end. */
export interface TriggerEnd {
  /**
   * `exited`: the process, with `exitCode`; `signalled`: it was ended by `signal` of its own or another's doing;
   * `stopped`: the tool ended it, because it took longer than its mapping allows or the sequence is over; `answered`: an
   * HTTP call, with its status as `exitCode`; `done`: a person.
   */
  readonly how: 'exited' | 'signalled' | 'stopped' | 'answered' | 'done';
  readonly exitCode?: number;
  readonly signal?: string;
  /** The last 4096 characters of what it wrote. */
  readonly output: string;
  /** All bytes that it wrote, those that were thrown away included. */
  readonly outputBytes: number;
  /** The end, with the output; what the tool did for it (SIGTERM, SIGKILL, children that were left). */
  readonly events: readonly TraceEvent[];
}

export interface FiredTrigger {
  /**
   * Settles when the device has done what it was told, as far as that can be seen: the process of a command ended, the
   * HTTP call was answered, the person said so. Undefined where nothing tells: a signal, a timer, a line on standard
   * input. Rejects as {@link IpadTriggers.fire} does; need not be looked at.
   */
  readonly ended: Promise<TriggerEnd> | undefined;
  /** What went out until now. */
  readonly events: readonly TraceEvent[];
}

export interface IpadTriggers {
  readonly mapped: ReadonlySet<IpadTriggerName>;
  /**
   * Resolves when the trigger is out: it does not wait for what the device does of it, except that a long-running
   * process which is started by it is ready. A process that is mapped and does not run is started before a signal or a
   * line goes to it.
   * @param parameters {@link TRIGGER_PARAMETERS}, replace `{name}` in the mapping.
   * @param signal ends what is waited for, and what was started for it.
   * @throws {Sgp33Error} `trigger-not-mapped`, `trigger-failed` (it can not run, it ended before it was ready, a person
   *   said no, an HTTP status that says no); {TransportError} `unreachable`, `timeout`, `aborted`.
   */
  fire(name: IpadTriggerName, parameters: FactMap, signal?: AbortSignal): Promise<FiredTrigger>;
  /** Whether the long-running device process is alive; undefined where the target has none. */
  readonly alive: boolean | undefined;
  /** The device is known to be at work, however quiet it is. Undefined where nobody can tell. */
  readonly busy?: boolean;
  /** How a long-running process ended by itself since it was last asked for; undefined when it did not. */
  takeDeath(): TriggerEnd | undefined;
  /**
   * Ends every process that a trigger started for this sequence, with its children, and resolves when they are gone. A
   * long-running device stays where the target says so.
   */
  settle(): Promise<readonly TraceEvent[]>;
  /** Ends everything. */
  close(): Promise<void>;
}

/** One command that the device gave to its eUICC, with the answer. */
export interface CardCommand {
  readonly at: number;
  /**
   * `es10`: the STORE DATA chain of one ES10 function on a channel with the ISD-R, put together, GET RESPONSE and 6Cxx
   * included; `apdu`: any other command, one R-APDU each; `reset`: power on or reset; `removed`: no power, or no card.
   */
  readonly kind: 'es10' | 'apdu' | 'reset' | 'removed';
  /** Logical channel. */
  readonly channel: number;
  /** ES10 request TLV, or C-APDU. */
  readonly command: Uint8Array;
  /** ES10 response TLV (GET RESPONSE followed), or the data of the R-APDU, or the ATR. */
  readonly response: Uint8Array;
  /** Of the last R-APDU; null for a reset, a removal, and where the card did not answer. */
  readonly sw: number | null;
  /**
   * `apdu`: { cla, ins, p1, p2, data, name } with the name of the command (`SELECT`, `MANAGE CHANNEL`, `TERMINAL
   * CAPABILITY`, `STORE DATA`, `GET RESPONSE`, `FETCH`, `TERMINAL RESPONSE`, `TERMINAL PROFILE`, `STATUS`, `READ
   * BINARY`, `READ RECORD`; `other`, or `no command` for less than four bytes or a length that does not fit). `es10`:
   * { function: tag in hex, blocks: number of STORE DATA commands, blockLengths: comma list, end }, where `end` is
   * `whole`, `unfetched` (61xx, and the device did not read all of it), `unfinished` (the last block did not come) or
   * `refused` (a block before the last got another status word than 9000). `reset`: { how: `power-on`, `reset` };
   * `removed`: { how: `power-off`, `disconnected` (the reader went), `pulled` (by the tool) }. Any: `fault`, where
   * {@link CardFault} replaced the answer: `sw`, `response`, `mute`, `removed`; `lost`: number of commands before this
   * one that were thrown away because nobody took them.
   */
  readonly facts: FactMap;
  readonly events: readonly TraceEvent[];
}

/** An answer that the card gives in place of its own, to the next ES10 functions of a tag. */
export interface CardFault {
  /** Tag of the ES10 request in hex, `BF51`; `*`: any; `SELECT`: the selection of the ISD-R. */
  readonly function: string;
  /**
   * Status word in hex with no data; `mute`: the card does not answer, and a reader that would wait for ever (vpcd)
   * finds it pulled and put in again after a while; `removed`: the card is gone until {@link WatchedCard.insert} or
   * {@link WatchedCard.renew}.
   */
  readonly sw?: string;
  /** Data with 9000. */
  readonly response?: Uint8Array;
  /** How often; default once. */
  readonly times?: number;
  /** The function runs in the card, and only its answer is replaced; default false: it does not run. */
  readonly executed?: boolean;
}

/** S_eUICC as the device has it in its slot. */
export interface WatchedCard {
  /** 32 digits. */
  readonly eid: string;
  /** `vpcd 127.0.0.1:35963`, `socket 127.0.0.1:40001`. */
  readonly place: string;
  /**
   * A card as new, with these actions of the personaliser done, in order. The device sees it pulled and put in again;
   * commands that were not taken and faults are forgotten. When an action fails the card is the one that was there.
   * @throws {Sgp33Error} `personalisation-*`; {TransportError} `reader-gone`, `timeout` (the reader does not look at
   *   its slot), `aborted`.
   */
  renew(actions: readonly PersonalisationRequest[], signal?: AbortSignal): Promise<void>;
  /** @throws {Sgp33Error} `personalisation-*`. */
  personalise(request: PersonalisationRequest): Promise<void>;
  /** ES10 from the tool itself, past the device and past the log. @returns response TLV, and the status word. */
  inspect(request: Uint8Array): Promise<{ readonly data: Uint8Array; readonly sw: number }>;
  /** Faults for what comes; replaces those that are there. @throws {Sgp33Error} `card-fault` for one that is none. */
  fault(faults: readonly CardFault[]): void;
  /** Takes the card out: a fault of no command. Nothing happens when it is out. */
  pull(signal?: AbortSignal): Promise<void>;
  /** Puts the same card in again, after {@link pull} or a fault. Nothing happens when it is in. */
  insert(signal?: AbortSignal): Promise<void>;
  /** The next command of the device in order; undefined when none came before the deadline. */
  next(deadlineMs: number, signal?: AbortSignal): Promise<CardCommand | undefined>;
  /** Logical channels besides 0 that are open now. */
  readonly openChannels: readonly number[];
  /** Forgets what was not taken, what is not finished, and faults. */
  clear(): void;
  close(): Promise<void>;
}

/** The one interface between engine and drivers for an IPAd. */
export interface IpadDriver {
  readonly kind: 'IPAd';
  readonly identity: IutIdentity;
  /** By role: `S_eIM`, `S_eIM2`. */
  readonly eims: ReadonlyMap<string, EsipaListener>;
  readonly triggers: IpadTriggers;
  /** Undefined where the device has a real eUICC, at which the tool can not look. */
  readonly card: WatchedCard | undefined;
  /** Plays the SM-DP+ for Notifications that the device delivers itself. */
  readonly notifications: NotificationListener | undefined;
  readonly notificationAddress: string | undefined;
  /** To the device, for an eIM that injects packages; undefined where the device takes none. */
  readonly injection: EsipaChannel | undefined;
  /** {@link TRIGGER_PARAMETERS} that only the driver knows: `cardPort`, `reader`. */
  readonly surroundings: FactMap;
  /** Milliseconds without traffic after which a device is taken to be idle; the target says it. */
  readonly quietMs: number;
  /** Milliseconds for which the next message of the device is waited for; the target says it. */
  readonly patienceMs: number;
  open(signal?: AbortSignal): Promise<readonly TraceEvent[]>;
  close(): Promise<void>;
}
