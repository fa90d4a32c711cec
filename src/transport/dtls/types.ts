/** What a DTLS endpoint is asked and what it tells. DTLS 1.2 is RFC 6347. */
import type { CertificateTrust } from '../tls/judge-certificate.js';
import type { DtlsError } from './errors.js';

/** Who an endpoint is: a certificate with its key, a pre-shared key, or both. */
export interface DtlsCredentials {
  /** PEM; the leaf first, then what it chains to. */
  certificate?: string;
  /** PEM, not encrypted. */
  privateKey?: string;
  psk?: { identity: string; key: Uint8Array };
}

/** What a handshake showed. Hex is upper case, DER. */
export interface DtlsFacts {
  /** `DTLSv1.2`; empty when no ServerHello came. */
  version: string;
  /** OpenSSL's name: `ECDHE-ECDSA-AES128-GCM-SHA256`; empty when none was agreed. */
  cipher: string;
  /** `prime256v1`, `brainpoolP256r1`; undefined without (EC)DHE. */
  group?: string;
  /** The peer's leaf certificate, also when it was refused. */
  certificate?: string;
  /** All certificates that the peer sent, leaf first. */
  chain: string[];
  /** A CertificateRequest was seen (client), or sent (server). */
  certificateRequested: boolean;
  /** A HelloVerifyRequest was seen (client), or answered by the peer (server). */
  cookieExchanged: boolean;
  /** The fatal alert that the peer sent, by its name of RFC 8446: `protocol_version`. */
  alert?: string;
  /** The fatal alert that this endpoint sent in its handshake. */
  alertSent?: string;
  /** RFC 9146 was negotiated. This OpenSSL never offers it. */
  connectionId?: boolean;
  resumed: boolean;
  /** Server: the identity that a pre-shared key was found for. */
  pskIdentity?: string;
  /** Server: the name that the client asked for. */
  servername?: string;
  /** Server: the body of the ClientHello, or of its first fragment. */
  clientHello?: string;
}

/**
 * How a client judges the certificate of a server, which also has to be in time and for the host's name. A server with a
 * pre-shared key has none.
 */
export type DtlsTrust = CertificateTrust;

export interface DtlsClientOptions {
  host: string;
  port: number;
  /**
   * Server name indication, and the name that the certificate must have. Not given: `host`, with
   * no indication when that is an address. null: no indication, and the certificate must be for `host`.
   */
  servername?: string | null;
  credentials?: DtlsCredentials;
  trust: DtlsTrust;
  /** Default: DTLS 1.2 only. */
  versions?: ('DTLSv1' | 'DTLSv1.2')[];
  /** OpenSSL or IANA names, in order of preference. */
  ciphers?: string[];
  /** `prime256v1` (or `P-256`), `brainpoolP256r1`, in order of preference; these two by default. */
  groups?: string[];
  /** `ECDSA+SHA256`, ... */
  signatureAlgorithms?: string[];
  /** With `trust.ca`: certificates are taken before and after their time, as by a device without a clock. */
  withoutClock?: boolean;
  /** The last session with the same host, port and name is offered again; false by default. */
  resume?: boolean;
  /** Bytes of a datagram in the handshake; 1200 by default. */
  mtu?: number;
  /** A line of an NSS key log, without its line feed. */
  keyLog?: (line: string) => void;
  /** 10,000 by default. */
  handshakeTimeoutMs?: number;
  /** Ends the handshake; an open connection is not touched. */
  signal?: AbortSignal;
}

export interface DtlsConnection {
  readonly facts: DtlsFacts;
  readonly remote: { address: string; port: number };
  /**
   * One record with these 1 to 16,384 bytes.
   * @throws {DtlsError} `dtls-closed`, `dtls-crashed`, `dtls-configuration` for a message that no record can hold.
   */
  send(data: Uint8Array): Promise<void>;
  /** Messages that came before the first listener was there wait for it (at most 256). */
  onMessage(cb: (data: Uint8Array) => void): void;
  /** Once; without an error after close_notify or `close()`. Called also when the end was before the call. */
  onClose(cb: (error?: DtlsError) => void): void;
  /** The last encrypted record is sent once more, as it was. */
  replayLastRecord(): Promise<void>;
  /** Sends close_notify. */
  close(): Promise<void>;
}

export interface DtlsServerOptions {
  host: string;
  /** 0: any. */
  port: number;
  /** A certificate, pre-shared keys (`psks` adds to `psk`), or both. */
  credentials: DtlsCredentials;
  /** Keys by identity. */
  psks?: ReadonlyMap<string, Uint8Array>;
  pskHint?: string;
  ciphers?: string[];
  groups?: string[];
  /** Default: DTLS 1.2 only. */
  versions?: ('DTLSv1' | 'DTLSv1.2')[];
  /** HelloVerifyRequest (RFC 6347 4.2.1); true by default. `unchecked`: whatever cookie comes back is taken. */
  cookies?: boolean | 'unchecked';
  /** Sessions may be resumed (session ids and tickets); false by default. */
  resumption?: boolean;
  /** Datagrams are taken and nothing is ever said; false by default. */
  silent?: boolean;
  /** A record that comes again ends its session, as if it were an attack; by default it is dropped. */
  replayEndsSession?: boolean;
  keyLog?: (line: string) => void;
  /** 1000 by default; half-open ones count. */
  maxSessions?: number;
  /** Asks for a client certificate and takes any, or none. */
  requestCertificate?: boolean;
  /** Closes the server. */
  signal?: AbortSignal;
  /** Handshakes that began, with a valid cookie where there are cookies, and will come to no session. */
  onRefused?: (refused: DtlsRefused) => void;
}

/** Why there is no session. */
export interface DtlsRefused {
  /** What the handshake had shown until then. */
  readonly facts: DtlsFacts;
  readonly remote: { readonly address: string; readonly port: number };
  /** Undefined at a silent server. */
  readonly error: DtlsError | undefined;
}

export interface DtlsServer {
  readonly address: string;
  readonly port: number;
  /**
   * Closes all sessions; new ones are made as these options say. The address and the port stay, and so do `keyLog`,
   * `onRefused` and `signal`.
   * @throws {DtlsError} `dtls-configuration` (nothing was changed), `dtls-closed`, `dtls-crashed`.
   */
  reconfigure(options: Omit<DtlsServerOptions, 'host' | 'port'>): Promise<void>;
  /** Sends close_notify to every session. */
  close(): Promise<void>;
  /** Once: without an error after `close()`, with `dtls-crashed` when nothing is served any more. */
  onClose(cb: (error?: DtlsError) => void): void;
  /** @throws {DtlsError} `dtls-closed`, `dtls-crashed`. */
  stats(): Promise<DtlsServerStats>;
}

export interface DtlsServerStats {
  /** Sessions whose handshake is done. */
  readonly established: number;
  /** Sessions in the handshake. */
  readonly halfOpen: number;
  /** Bytes of memory of the process that holds them. */
  readonly memory: number;
  /** That process. */
  readonly pid: number;
}
