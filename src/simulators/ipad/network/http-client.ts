/** HTTP of the IPAd: POST on one TLS connection that is kept, with bounds (SGP.32 6.1). */
import type { Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import { EsipaError } from './esipa-error.js';
import type { Place } from './place.js';
import { connectSecure, unreachable, type TlsClientOptions } from './tls-client.js';

export interface HttpClientOptions extends Omit<TlsClientOptions, 'signal'> {
  /** From the first packet to the last byte of the answer, milliseconds. */
  readonly deadlineMs: number;
  readonly maxBodyBytes: number;
  /** Ends whatever is going on. */
  readonly stop: AbortSignal;
}

export interface HttpRequest {
  readonly method: 'POST' | 'GET';
  readonly path: string;
  /** Without Host and Content-Length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface HttpReply {
  readonly status: number;
  /** Media type without parameters, lower case; empty when there is none. */
  readonly mediaType: string;
  /** Retry-After in milliseconds, when the server gave it as a number. */
  readonly retryAfterMs: number | undefined;
  readonly body: Uint8Array;
}

const MAX_HEADER_BYTES = 64 * 1024;
/** More than any procedure lasts: the server or the IPAd itself ends a connection. */
const KEEP_ALIVE_MS = 600_000;

export class HttpClient {
  readonly #options: HttpClientOptions;
  #client: Client | undefined;
  /** Of the exchange that goes on. */
  #signal: AbortSignal | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /** @throws {EsipaError} for whatever brings no answer. */
  async send(request: HttpRequest): Promise<HttpReply> {
    const { place, deadlineMs, stop } = this.#options;
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = AbortSignal.any([deadline, stop]);
    this.#signal = signal;
    const client = (this.#client ??= this.#open());
    try {
      const { method, path, headers, body } = request;
      const reply = await client.request({
        method,
        path,
        headers: { ...headers, host: place.authority },
        body: method === 'GET' ? null : Buffer.from(body),
        signal,
      });
      return await this.#read(reply);
    } catch (error) {
      // What the connection still holds is of no use to the next exchange.
      await this.close();
      throw faultOf(error, place, deadline);
    }
  }

  /** The next exchange makes a connection of its own. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.destroy();
  }

  #open(): Client {
    const { place, stop } = this.#options;
    return new Client(`https://${place.authority}`, {
      connect: (_options, callback) => {
        connectSecure({ ...this.#options, signal: this.#signal ?? stop }).then(
          (socket) => callback(null, socket as unknown as Socket),
          (error: unknown) => callback(error as Error, null),
        );
      },
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    });
  }

  async #read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<HttpReply> {
    const announced = Number(one(headers['content-length']));
    const whole = await this.#collect(body as AsyncIterable<Buffer>, announced);
    const retryAfter = Number(one(headers['retry-after']));
    return {
      status: statusCode,
      mediaType: one(headers['content-type']).split(';')[0]?.trim().toLowerCase() ?? '',
      retryAfterMs: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter * 1000 : undefined,
      body: new Uint8Array(whole),
    };
  }

  async #collect(body: AsyncIterable<Buffer>, announced: number): Promise<Buffer> {
    const { place, maxBodyBytes, defects } = this.#options;
    const parts: Buffer[] = [];
    let length = 0;
    try {
      for await (const part of body) {
        length += part.length;
        if (length > maxBodyBytes)
          throw new EsipaError('protocol', 'the answer is too long', {
            place: place.authority,
            expected: `at most ${String(maxBodyBytes)} bytes`,
            again: false,
          });
        parts.push(part);
      }
    } catch (error) {
      const missing = announced - length;
      const pads = missing > 0 && missing <= maxBodyBytes && defects.has('short-body-padded');
      if (!pads) throw error;
      parts.push(Buffer.alloc(missing));
    }
    return Buffer.concat(parts);
  }
}

const one = (value: string | string[] | undefined): string => (Array.isArray(value) ? value[0] : value) ?? '';

function faultOf(error: unknown, place: Place, deadline: AbortSignal): EsipaError {
  if (error instanceof EsipaError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (deadline.aborted)
    return new EsipaError('timeout', 'no answer in time', { place: place.authority, again: true, cause });
  const { code = '' } = cause as { code?: string };
  // What is no HTTP, or has too many headers.
  if (/^HPE_|^UND_ERR_(?:HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH|INVALID)/.test(code))
    return new EsipaError('protocol', 'the answer is no HTTP', {
      place: place.authority,
      actual: code,
      again: false,
      cause,
    });
  return unreachable(place, cause);
}
