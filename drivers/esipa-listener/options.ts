/** What a target says about a listener, and the bounds of what a device may take of it. */
import type { PkiFolder } from '../../src/protocol/pki/folder.js';
import type { Sgp32Version } from '../../src/protocol/types/versions.js';
import type { TraceEvent } from '../contract.js';

export interface EsipaListenerOptions {
  readonly transport: 'https' | 'coap';
  /** An address of this machine, default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** DNS name in the certificates; the eimFqdn of the EimConfigurationData. */
  readonly serverName: string;
  /** CI keys, and the key of the eIM: `EIM_TLS` and `EIM_TLS_BRP`, unless `identity` names another. */
  readonly pki: PkiFolder;
  /** Whose key is shown, default `EIM_TLS`; `EIM2_TLS` for a second eIM. */
  readonly identity?: string;
  readonly sgp32Version: Sgp32Version;
  /** HTTP/2 for a client that offers it by ALPN. */
  readonly http2?: boolean;
  /** A message that nobody answers is refused after so long, default 60000 ms. */
  readonly answerDeadlineMs?: number;
  readonly limits?: Partial<ListenerLimits>;
  /** Gets each line of the key log (NSS format). */
  readonly keyLog?: (line: string) => void;
  /** Gets every event as it happens. */
  readonly onTrace?: (event: TraceEvent) => void;
}

export interface ListenerLimits {
  /** Greatest body of a request, bytes; default 1 MiB. */
  readonly bodyBytes: number;
  /** Greatest head of an HTTP request, bytes; default 16 KiB. */
  readonly headBytes: number;
  /** From the TCP connection, or the first datagram, to the session; default 15 s. */
  readonly handshakeMs: number;
  /** From the first byte of a request to its last; default 30 s. */
  readonly requestMs: number;
  /** Between two requests; default 120 s. */
  readonly idleMs: number;
  /** Connections at once, default 256, over CoAP 64; more are closed as soon as they are made, or make no session. */
  readonly connections: number;
  /** Arrivals that nobody has taken, default 256. */
  readonly arrivals: number;
  /** Bytes of requests that are read or wait, default 32 MiB. */
  readonly bytes: number;
}

export const DEFAULT_LIMITS: ListenerLimits = {
  bodyBytes: 1 << 20,
  headBytes: 16 << 10,
  handshakeMs: 15_000,
  requestMs: 30_000,
  idleMs: 120_000,
  connections: 256,
  arrivals: 256,
  bytes: 32 << 20,
};

/** Each may hold a body that is under way. */
const MAX_COAP_SESSIONS = 64;

/** The options with every default filled in. */
export interface Settings extends EsipaListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly identity: string;
  readonly http2: boolean;
  readonly answerDeadlineMs: number;
  readonly limits: ListenerLimits;
}

export const settingsOf = (options: EsipaListenerOptions): Settings => ({
  ...options,
  host: (options.host ?? '127.0.0.1').replace(/^\[|\]$/g, ''),
  port: options.port ?? 0,
  identity: options.identity ?? 'EIM_TLS',
  http2: options.http2 ?? false,
  answerDeadlineMs: options.answerDeadlineMs ?? 60_000,
  limits: {
    ...DEFAULT_LIMITS,
    ...(options.transport === 'coap' ? { connections: MAX_COAP_SESSIONS } : {}),
    ...options.limits,
  },
});

/** `127.0.0.1:8443`, `[::1]:8443`. */
export const addressOf = (address: string, port: number): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;
