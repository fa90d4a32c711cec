/** What a target says about an eIM that is reached over HTTPS (SGP.32 6.1), with the values of the specification. */
import { ADMIN_PROTOCOL, ASN1_PATH, JSON_PATH, MEDIA_TYPE } from '../../src/protocol/esipa-json/index.js';
import type { Sgp32Version } from '../../src/protocol/types/versions.js';
import type { CertificateTrust } from '../../src/transport/tls/index.js';
import type { TraceEvent } from '../contract.js';

export type { CertificateTrust as HttpsTrust } from '../../src/transport/tls/index.js';

export interface HttpsChannelOptions {
  /** `https://eim.example:8443`; a path in it is not used. */
  readonly url: string;
  readonly binding: 'asn1' | 'json';
  readonly sgp32Version: Sgp32Version;
  /** The eIM's name for SNI, Host and the check of the certificate, where the URL has another. */
  readonly servername?: string;
  readonly trust: CertificateTrust;
  /** Default `/gsma/rsp2/asn1`. */
  readonly asn1Path?: string;
  /** Default `/gsma/rsp2/esipa`; the function name follows. */
  readonly jsonPath?: string;
  /** A laboratory's media type, in requests; taken in answers as well as the standard's. */
  readonly contentType?: string;
  /** X-Admin-Protocol, default `gsma/rsp/v2.1.0`. */
  readonly adminProtocol?: string;
  /** Default `gsma-rsp-ipad`. */
  readonly userAgent?: string;
  /** More headers for every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Offers HTTP/2 by ALPN. */
  readonly http2?: boolean;
  /** No TLS at all. */
  readonly plainHttp?: boolean;
  /** From the first packet to the last byte of the answer, default 10000 ms. */
  readonly deadlineMs?: number;
  /** Default 65536. */
  readonly maxHeaderBytes?: number;
  /** Default 8388608. */
  readonly maxBodyBytes?: number;
  /** OpenSSL or IANA names, in place of those of a good IPA. */
  readonly ciphers?: readonly string[];
  /** `TLSv1.2`, `TLSv1.3`. */
  readonly tlsVersions?: readonly string[];
  /** Gets each line of the key log (NSS format). */
  readonly keyLog?: (line: string) => void;
  /** Gets every event as it happens. */
  readonly onTrace?: (event: TraceEvent) => void;
}

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** The options with every default filled in, and what follows from the URL. */
export interface Settings extends HttpsChannelOptions {
  readonly plainHttp: boolean;
  readonly asn1Path: string;
  readonly jsonPath: string;
  readonly adminProtocol: string;
  readonly deadlineMs: number;
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  readonly host: string;
  readonly port: number;
  /** The name that the certificate must have: `servername`, else the host of the URL. */
  readonly peerName: string;
  /** Of every request, Host first; Content-Length is not among them. */
  readonly requestHeaders: HeaderList;
}

/** @throws {TypeError} for a URL that is none: a target is checked before. */
export function settingsOf(options: HttpsChannelOptions): Settings {
  const url = new URL(options.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const plainHttp = options.plainHttp === true || url.protocol === 'http:';
  const standard = plainHttp ? 80 : 443;
  const port = url.port === '' ? standard : Number(url.port);
  const peerName = options.servername ?? host;
  const shown = peerName.includes(':') ? `[${peerName}]` : peerName;
  const adminProtocol = options.adminProtocol ?? ADMIN_PROTOCOL;
  const own: HeaderList = [
    ['Host', port === standard ? shown : `${shown}:${port}`],
    ['User-Agent', options.userAgent ?? 'gsma-rsp-ipad'],
    ['X-Admin-Protocol', adminProtocol],
    ['Content-Type', options.contentType ?? MEDIA_TYPE[options.binding]],
  ];
  return {
    ...options,
    plainHttp,
    asn1Path: options.asn1Path ?? ASN1_PATH,
    jsonPath: options.jsonPath ?? JSON_PATH,
    adminProtocol,
    deadlineMs: options.deadlineMs ?? 10_000,
    maxHeaderBytes: options.maxHeaderBytes ?? 64 * 1024,
    maxBodyBytes: options.maxBodyBytes ?? 8 * 1024 * 1024,
    host,
    port,
    peerName,
    requestHeaders: withHeaders(own, options.headers ?? {}),
  };
}

/** Replaces headers whatever their case, adds new ones, leaves out those that are null. */
export function withHeaders(list: HeaderList, changes: Readonly<Record<string, string | null>>): HeaderList {
  const changed = new Map(
    Object.entries(changes).map(([name, value]) => [name.toLowerCase(), { name, value }]),
  );
  const kept = list.filter(([name]) => !changed.has(name.toLowerCase()));
  const added = [...changed.values()].flatMap(({ name, value }) =>
    value === null ? [] : [[name, value] as const],
  );
  return [...kept, ...added];
}
