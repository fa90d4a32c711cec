/**
 * The handshake as it went over the wire (RFC 5246, RFC 8446): node:tls tells neither whether a client certificate
 * was asked for, nor what the server's Certificate message held, nor the alert that ended it all.
 */
import { alertName } from '../../src/transport/dtls/alerts.js';
import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  certificatesOf,
  handshakeMessages,
  type TlsRecord,
} from '../../src/transport/tls/index.js';
import { decryptServerFlight } from './tls13-flight.js';

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEADER = 5;
/** OpenSSL refuses larger handshakes by itself. */
const MAX_KEPT = 256 * 1024;

/** One direction of a connection, until the handshake is over. */
export class TlsRecords {
  #rest: Buffer = Buffer.alloc(0);
  #handshake: Buffer[] = [];
  readonly #protected: TlsRecord[] = [];
  #kept = 0;
  #encrypted = false;
  #stopped = false;
  /** Name of the last alert in plain text. */
  alert: string | undefined;
  /** The first bytes of something that is no TLS. */
  foreign: Uint8Array | undefined;

  feed(bytes: Uint8Array): void {
    if (this.#stopped) return;
    this.#kept += bytes.length;
    if (this.#kept > MAX_KEPT) return this.stop();
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= HEADER) {
      if (!isTls(this.#rest)) {
        this.foreign = this.#rest.subarray(0, 16);
        return this.stop();
      }
      const end = HEADER + this.#rest.readUInt16BE(3);
      if (this.#rest.length < end) return;
      this.#record(this.#rest.subarray(0, HEADER), this.#rest.subarray(HEADER, end));
      this.#rest = this.#rest.subarray(end);
    }
    if (this.#rest.length > 0 && this.#rest.length < HEADER && !isTls(this.#rest))
      this.foreign = this.#rest.subarray(0, 16);
  }

  /** What follows is none of the handshake any more. */
  stop(): void {
    this.#stopped = true;
    this.#rest = Buffer.alloc(0);
  }

  #record(header: Uint8Array, payload: Uint8Array): void {
    const [type] = header;
    if (type === CHANGE_CIPHER_SPEC) this.#encrypted = true;
    else if (type === APPLICATION_DATA) this.#protected.push({ header, payload });
    else if (type === HANDSHAKE && !this.#encrypted) this.#handshake.push(Buffer.from(payload));
    else if (type === ALERT && payload.length === 2) this.alert = alertName(payload[1] ?? 0);
  }

  /** The body of the first handshake message of that type in plain text, when all of it is there. */
  message(type: number): Uint8Array | undefined {
    return handshakeMessages(Buffer.concat(this.#handshake)).find((one) => one.type === type)?.body;
  }

  /**
   * What the server's handshake messages say.
   * @param keyLog lines in NSS format; without them TLS 1.3 is not read.
   */
  serverFlight(keyLog: readonly string[]): ServerFlight {
    const isTls13 = this.#protected.length > 0;
    const plain = isTls13 ? decryptServerFlight(this.#protected, keyLog) : undefined;
    const messages = handshakeMessages(Buffer.concat(isTls13 ? (plain ?? []) : this.#handshake));
    const certificate = messages.find(({ type }) => type === CERTIFICATE);
    return {
      complete: !isTls13 || plain !== undefined,
      certificates: certificate === undefined ? [] : certificatesOf(certificate.body, isTls13),
      certificateRequested: messages.some(({ type }) => type === CERTIFICATE_REQUEST),
    };
  }
}

export interface ServerFlight {
  /** False: it is encrypted, and could not be read. */
  readonly complete: boolean;
  /** DER, as sent: the leaf first. */
  readonly certificates: readonly Uint8Array[];
  readonly certificateRequested: boolean;
}

const isTls = (bytes: Uint8Array): boolean => {
  const [type = 0, major = 3] = bytes;
  return type >= CHANGE_CIPHER_SPEC && type <= APPLICATION_DATA && major === 3;
};
