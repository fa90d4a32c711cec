/** What one HTTP exchange asks for and brings, whoever carries it out. */
import type { ChannelFault } from '../eim-contract.js';
import type { Connection } from './connection.js';
import type { HeaderList, Settings } from './options.js';
import type { Stop } from './stop.js';
import { alertOf, codeOf, describe } from './tls-faults.js';

export interface HttpCall {
  readonly method: string;
  readonly path: string;
  /** Without Content-Length and Transfer-Encoding, unless a step replaces them. */
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  /** Names of the headers that a step changes, in lower case. */
  readonly replaced: readonly string[];
  /** Of these, the ones that must not be there although HTTP may want them. */
  readonly without: readonly string[];
  readonly chunked: number | undefined;
  readonly cutAfter: number | undefined;
}

export interface HttpOutcome {
  /** Undefined when no head of an answer came. */
  readonly status: number | undefined;
  readonly statusText: string;
  /** Names in lower case; the values of several headers of one name are joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly fault: ChannelFault | undefined;
  /** Of TLS, when one ended the exchange. */
  readonly alert?: string;
}

/** Carries out one exchange on a connection. Never rejects. */
export type HttpCarrier = (
  connection: Connection,
  call: HttpCall,
  settings: Settings,
  stop: Stop,
) => Promise<HttpOutcome>;

/** Puts the answer together, within the limits of the settings. */
export class OutcomeBuilder {
  readonly #connection: Connection;
  readonly #settings: Settings;
  readonly #stop: Stop;
  readonly #body: Buffer[] = [];
  #length = 0;
  #status: number | undefined;
  #statusText = '';
  #headers: Record<string, string> = {};

  constructor(connection: Connection, settings: Settings, stop: Stop) {
    this.#connection = connection;
    this.#settings = settings;
    this.#stop = stop;
  }

  /** The head of an answer came. */
  get hasHead(): boolean {
    return this.#status !== undefined;
  }

  /** @returns a fault when the body will be too long: nothing more is to be read. */
  head(
    status: number,
    statusText: string,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): ChannelFault | undefined {
    this.#status = status;
    this.#statusText = statusText;
    this.#headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.toLowerCase(),
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    );
    const announced = Number(this.#headers['content-length'] ?? 0);
    return announced > this.#settings.maxBodyBytes
      ? this.#tooLong(`${announced} bytes announced`)
      : undefined;
  }

  /** @returns a fault when the body is too long: nothing more is to be read. */
  data(chunk: Uint8Array): ChannelFault | undefined {
    this.#length += chunk.length;
    if (this.#length > this.#settings.maxBodyBytes) return this.#tooLong(`${this.#length} bytes and more`);
    this.#body.push(Buffer.from(chunk));
    return undefined;
  }

  done(fault?: ChannelFault, alert?: string): HttpOutcome {
    return {
      status: this.#status,
      statusText: this.#statusText,
      headers: this.#headers,
      body: Uint8Array.from(Buffer.concat(this.#body)),
      fault,
      ...(alert === undefined ? {} : { alert }),
    };
  }

  /** The outcome of an error of the client that carried it out. */
  failed(error: unknown): HttpOutcome {
    const alert = alertOf(error);
    return this.done(this.#faultOf(error, alert), alert);
  }

  #faultOf(error: unknown, alert: string | undefined): ChannelFault {
    const path = this.#status === undefined ? 'http.headers' : 'http.body';
    const expected = 'a whole answer';
    const code = codeOf(error);
    if (this.#stop.timedOut) {
      const actual = this.#status === undefined ? this.#progress() : `${this.#length} bytes of the body`;
      return { kind: 'timeout', path, expected: `a whole answer within ${this.#stop.deadlineMs} ms`, actual };
    }
    // A server refuses the client after its own part of a TLS 1.3 handshake.
    if (alert !== undefined)
      return { kind: 'handshake', path: 'tls.handshake', expected, actual: `alert ${alert}` };
    if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW') {
      const limit = `headers of ${this.#settings.maxHeaderBytes} bytes at most`;
      return { kind: 'oversized', path: 'http.headers', expected: limit, actual: this.#progress() };
    }
    const reason = error instanceof Error ? describe(error) : String(error);
    if (isParserError(error, code) && !reason.includes('EOF'))
      return { kind: 'malformed', path: 'http', expected: 'HTTP', actual: `${reason}: ${this.#start()}` };
    return { kind: 'reset', path, expected, actual: `${reason}; ${this.#progress()}` };
  }

  #progress(): string {
    return `${this.#connection.wire.bytesIn} bytes of an answer`;
  }

  #start(): string {
    return JSON.stringify(this.#connection.wire.responseHead.slice(0, 60));
  }

  #tooLong(actual: string): ChannelFault {
    const expected = `a body of ${this.#settings.maxBodyBytes} bytes at most`;
    return { kind: 'oversized', path: 'http.body', expected, actual };
  }
}

/** Of node:http, node:http2 or undici. That the answer ends too early is said in the reason: `Invalid EOF state`. */
const isParserError = (error: unknown, code: string): boolean =>
  code.startsWith('HPE_') ||
  code === 'ERR_HTTP2_ERROR' ||
  (error instanceof Error && error.name === 'HTTPParserError');
