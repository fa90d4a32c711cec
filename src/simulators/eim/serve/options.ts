/** What a stand-alone S_eIM is told, and what it is once it listens. */
import type { Eim } from '../types.js';
import type { EimOptions } from '../index.js';

/** Where a listener opens; without `host` on 127.0.0.1. Port 0 takes any that is free. */
export interface ListenAt {
  readonly host?: string;
  readonly port: number;
}

export interface CoapsOptions {
  readonly psk?: { readonly identity: string; readonly key: Uint8Array };
  /** Every request is acknowledged first and answered separately, as by a server that is slow (RFC 7252 5.2.2). */
  readonly separate?: boolean;
  /** Lines of an NSS key log. */
  readonly keyLog?: (line: string) => void;
}

export interface ServeEimOptions extends EimOptions {
  /** ESipa over HTTPS, both bindings. */
  readonly https?: ListenAt;
  /** ESipa over CoAP and DTLS. With `psk` a client may do without certificates. */
  readonly coaps?: ListenAt & CoapsOptions;
  /** The management API, plain HTTP: it has no protection of its own. */
  readonly api?: ListenAt;
  /** Name in the PKI folder of the server certificate; default `EIM_TLS`. */
  readonly tlsIdentity?: string;
  /** PEM, in place of `tlsIdentity`. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string };
  /** Where an SM-DP+ really is: its FQDN to `host:port`. */
  readonly resolve?: Readonly<Record<string, string>>;
  /** PEM of the CAs of SM-DP+ certificates; default the CIs of the PKI folder. */
  readonly smdpTrust?: string;
  /** ES9+' over plain HTTP. */
  readonly smdpPlain?: boolean;
  /** ES9+' in the ASN.1 binding in place of JSON. */
  readonly smdpBinding?: 'json' | 'asn1';
  /** Closes everything. */
  readonly signal?: AbortSignal;
  /** HTTP/2 for clients that offer it by ALPN; HTTP/1.1 for the others. */
  readonly http2?: boolean;
  /** Requests whose Host or server name is another than the certificate's are refused with 421. */
  readonly strictHost?: boolean;
  /** How a function error is told in JSON: in the header, or as the member eimPackageError; default `header`. */
  readonly jsonErrorForm?: JsonErrorForm;
  readonly limits?: Partial<HttpLimits>;
  /** Told about each answered ESipa request, and about trouble that no peer is told. */
  readonly log?: (line: string) => void;
}

/** What the bindings need of an eIM. */
export type EsipaHandler = Pick<Eim, 'handleEsipa' | 'sgp32Version'>;

export type JsonErrorForm = 'header' | 'body';

/** What a peer may take of this process. Bytes and milliseconds. */
export interface HttpLimits {
  /** Longer bodies are refused with 413; default 1 MiB. */
  readonly bodyBytes: number;
  /** Longer headers are refused with 431; default 16 KiB. */
  readonly headerBytes: number;
  /** From the end of the header to the end of the body; default 20 s. */
  readonly bodyMs: number;
  /** For the handshake, and for the header; default 10 s each. */
  readonly headerMs: number;
  /** A connection without a request; default 60 s. */
  readonly idleMs: number;
  /** More are closed at once; default 2000. */
  readonly connections: number;
}

export interface ServedEim {
  /** The eIM behind the listeners; another one after {@link restart}. */
  readonly eim: Eim;
  /** `https://127.0.0.1:8443`, with the port that was given out. */
  readonly https?: string | undefined;
  /** `coaps://127.0.0.1:5684`. */
  readonly coaps?: string | undefined;
  /** `http://127.0.0.1:8080`. */
  readonly api?: string | undefined;
  /**
   * Closes, and opens again with the same store and on the same ports; the management API alone stays open. Without a
   * store nothing is remembered.
   */
  restart(): Promise<void>;
  /** Ends all connections and the eIM. May be called again. */
  close(): Promise<void>;
}
