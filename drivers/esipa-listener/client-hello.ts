/** What a ClientHello of TLS or DTLS offers (RFC 5246 7.4.1.2, RFC 6347 4.2.1, RFC 8446 4.1.2). The bytes are a stranger's. */
import type { FactMap } from '../eim-contract.js';
import { groupName, signatureName, suiteName, versionName } from './tls-names.js';

export interface ClientHello {
  /** Legacy version, as it stands in the message. */
  readonly version: number;
  /** Numbers, in the order of the message. */
  readonly suites: readonly number[];
  readonly sessionId: Uint8Array;
  readonly extensions: ReadonlyMap<number, Uint8Array>;
}

const EXTENSION = {
  serverName: 0,
  groups: 10,
  signatureAlgorithms: 13,
  alpn: 16,
  sessionTicket: 35,
  preSharedKey: 41,
  supportedVersions: 43,
} as const;
const RANDOM = 32;

/** A reader that ends quietly where the bytes end. */
class Bytes {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Something was cut. */
  short = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  number(length: number): number {
    return this.take(length).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    if (taken.length < length) this.short = true;
    this.#at += taken.length;
    return taken;
  }

  /** A vector with its length in front. */
  vector(lengthBytes: number): Uint8Array {
    return this.take(this.number(lengthBytes));
  }
}

/**
 * @param body of the handshake message, without its header.
 * @returns undefined for what is cut before its cipher suites.
 */
export function parseClientHello(body: Uint8Array, datagram: boolean): ClientHello | undefined {
  const reader = new Bytes(body);
  const version = reader.number(2);
  reader.take(RANDOM);
  const sessionId = reader.vector(1);
  if (datagram) reader.vector(1);
  const suites = numbersOf(reader.vector(2));
  if (reader.short) return undefined;
  reader.vector(1);
  const extensions = new Map<number, Uint8Array>();
  const list = new Bytes(reader.left > 0 ? reader.vector(2) : new Uint8Array(0));
  while (list.left > 0) {
    const type = list.number(2);
    const content = list.vector(2);
    if (list.short) break;
    if (!extensions.has(type)) extensions.set(type, content);
  }
  return { version, suites, sessionId, extensions };
}

/** The members of `tls` in the facts of an arrival that a ClientHello tells. */
export function helloFacts(hello: ClientHello): FactMap {
  const { suites, extensions } = hello;
  const list = (type: number, name: (number: number) => string): string[] =>
    numbersOf(new Bytes(extensions.get(type) ?? new Uint8Array(0)).vector(2)).map(name);
  const servername = serverNameOf(extensions.get(EXTENSION.serverName));
  return {
    ...(servername === undefined ? {} : { servername }),
    versionsOffered: versionsOf(hello),
    ciphersOffered: suites.map(suiteName),
    groupsOffered: list(EXTENSION.groups, groupName),
    signatureAlgorithmsOffered: list(EXTENSION.signatureAlgorithms, signatureName),
    alpnOffered: alpnOf(extensions.get(EXTENSION.alpn)),
    extensionsOffered: [...extensions.keys()].map(String),
    resumptionOffered: String(offersResumption(hello)),
  };
}

/** Without supported_versions a hello names the newest only; what is older the client would take or refuse. */
function versionsOf({ version, extensions }: ClientHello): string[] {
  const supported = extensions.get(EXTENSION.supportedVersions);
  if (supported === undefined) return [versionName(version)];
  return numbersOf(new Bytes(supported).vector(1)).map(versionName);
}

/**
 * A ticket or a pre-shared key with which a session would be resumed. A session id says nothing: TLS 1.3 sends one for
 * show, and OpenSSL with every ticket.
 */
function offersResumption({ extensions, sessionId }: ClientHello): boolean {
  if (extensions.has(EXTENSION.preSharedKey)) return true;
  if ((extensions.get(EXTENSION.sessionTicket)?.length ?? 0) > 0) return true;
  return sessionId.length > 0 && !extensions.has(EXTENSION.supportedVersions);
}

function serverNameOf(content: Uint8Array | undefined): string | undefined {
  if (content === undefined) return undefined;
  const list = new Bytes(new Bytes(content).vector(2));
  const type = list.number(1);
  const name = list.vector(2);
  return type === 0 && !list.short ? printable(name) : undefined;
}

function alpnOf(content: Uint8Array | undefined): string[] {
  const list = new Bytes(new Bytes(content ?? new Uint8Array(0)).vector(2));
  const names: string[] = [];
  while (list.left > 0) names.push(printable(list.vector(1)));
  return names;
}

function numbersOf(bytes: Uint8Array): number[] {
  const reader = new Bytes(bytes);
  const numbers: number[] = [];
  while (reader.left >= 2) numbers.push(reader.number(2));
  return numbers;
}

/** Text from a peer reaches terminals: no control characters. */
const printable = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]/g, '?');
