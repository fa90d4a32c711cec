/** The messages between the process that uses DTLS and the child process that holds OpenSSL and the sockets. */
import type { CertificateTrust } from '../tls/judge-certificate.js';
import type { DtlsErrorCode } from './errors.js';
import type { DtlsFacts, DtlsServerStats } from './types.js';

/** Certificate and key as OpenSSL reads them: each PEM was parsed before it came here. */
export interface HostIdentity {
  /** PEM of each certificate, leaf first. */
  readonly certificates: readonly string[];
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

export interface HostOptions {
  readonly host: string;
  readonly port: number;
  readonly identity?: HostIdentity | undefined;
  readonly ciphers: readonly string[];
  readonly groups: readonly string[];
  readonly keyLog: boolean;
}

export type HostTrust =
  | { readonly kind: 'ca'; readonly certificates: readonly string[] }
  /** A key or a certificate that stands for the CA. */
  | { readonly kind: 'pinned'; readonly trust: CertificateTrust; readonly name: string }
  | { readonly kind: 'all' | 'nothing' };

export interface HostClientOptions extends HostOptions {
  /** The name for the server name indication, or null. */
  readonly indication: string | null;
  /** The name or address that the certificate must be for. */
  readonly expectedName: string;
  readonly psk?: { readonly identity: string; readonly key: Uint8Array } | undefined;
  readonly trust: HostTrust;
  readonly versions: readonly ('DTLSv1' | 'DTLSv1.2')[];
  readonly signatureAlgorithms: readonly string[];
  readonly withoutClock: boolean;
  readonly resume: boolean;
  readonly mtu: number;
  readonly handshakeTimeoutMs: number;
}

export interface HostServerOptions extends HostOptions {
  readonly psks: ReadonlyMap<string, Uint8Array>;
  readonly pskHint?: string | undefined;
  readonly versions: readonly ('DTLSv1' | 'DTLSv1.2')[];
  readonly cookies: boolean | 'unchecked';
  readonly resumption: boolean;
  readonly silent: boolean;
  readonly replayEndsSession: boolean;
  readonly maxSessions: number;
  readonly requestCertificate: boolean;
}

/** `session` and `id` are numbers of the sender's choice; sessions of a server get theirs from the child. */
export type HostRequest =
  | { readonly kind: 'connect'; readonly session: number; readonly options: HostClientOptions }
  | { readonly kind: 'serve'; readonly id: number; readonly options: HostServerOptions }
  /** For the server that is there. */
  | { readonly kind: 'reconfigure'; readonly id: number; readonly options: HostServerOptions }
  | { readonly kind: 'send'; readonly id: number; readonly session: number; readonly data: Uint8Array }
  | { readonly kind: 'replay'; readonly id: number; readonly session: number }
  | { readonly kind: 'close'; readonly session: number }
  | { readonly kind: 'stats'; readonly id: number }
  /** Ends the server with its sessions. */
  | { readonly kind: 'stop'; readonly id: number };

export interface HostError {
  readonly code: DtlsErrorCode;
  readonly what: string;
  /** The peer, as `host:port`. */
  readonly place?: string | undefined;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
  readonly repair?: string | undefined;
  readonly systemCode?: string | undefined;
  readonly facts?: DtlsFacts | undefined;
}

export interface Address {
  readonly address: string;
  readonly port: number;
}

export type HostEvent =
  /** First message. */
  | { readonly kind: 'ready' }
  /** First message instead: no OpenSSL was found. */
  | { readonly kind: 'unusable'; readonly reason: string }
  /** The answer to a request with an id. */
  | { readonly kind: 'done'; readonly id: number; readonly value?: Address | DtlsServerStats | undefined }
  | { readonly kind: 'failed'; readonly id: number; readonly error: HostError }
  /** A handshake is done. */
  | { readonly kind: 'opened'; readonly session: number; readonly facts: DtlsFacts; readonly remote: Address }
  | { readonly kind: 'message'; readonly session: number; readonly data: Uint8Array }
  /** Also the end of a handshake that failed, at a client. Nothing of this session follows. */
  | { readonly kind: 'closed'; readonly session: number; readonly error?: HostError | undefined }
  /** A handshake of a server that came to no session. */
  | {
      readonly kind: 'refused';
      readonly facts: DtlsFacts;
      readonly remote: Address;
      readonly error?: HostError | undefined;
    }
  /** `session` only at a client. */
  | { readonly kind: 'keylog'; readonly session?: number | undefined; readonly line: string }
  /** An exception in the child: it ends. */
  | { readonly kind: 'fatal'; readonly message: string };

/** Events of one turn of the child's loop come together. */
export type HostEvents = readonly HostEvent[];
