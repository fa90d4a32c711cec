/** A CoAP server towards one peer (RFC 7252 5), with bodies in blocks (RFC 7959). */
import type { CoapTrace, DatagramChannel } from './channel.js';
import { isRequestCode, isResponseCode, type CoapMessage, type CoapOption } from './message.js';
import { MessageLayer, type Incoming } from './message-layer.js';
import {
  blockSizeFor,
  MAX_BLOCK_SIZE,
  option,
  OPTION_NUMBERS,
  optionTexts,
  optionUint,
  sortOptions,
  type OptionName,
} from './options.js';
import { RequestBodies } from './server-request-body.js';
import { ResponseBodies } from './server-response-body.js';
import { DEFAULT_TIMINGS, type CoapTimings } from './timings.js';

export interface CoapServerRequest {
  /** `0.02` is POST; unknown methods come here, too. */
  readonly code: string;
  /** Segments. */
  readonly path: readonly string[];
  /** `name=value` texts. */
  readonly query: readonly string[];
  readonly contentFormat: number | undefined;
  /** Put together from all blocks. */
  readonly payload: Uint8Array;
  /** Of the (last) message, without those that were not understood. */
  readonly options: readonly CoapOption[];
}

export interface CoapServerResponse {
  readonly code: string;
  readonly contentFormat?: number | undefined;
  readonly payload?: Uint8Array | undefined;
}

export type CoapHandler = (request: CoapServerRequest) => Promise<CoapServerResponse>;

export interface CoapServerOptions extends Partial<CoapTimings> {
  /** Greatest block of a response and wish for blocks of a request, default 1024. */
  readonly blockSize?: number | undefined;
  /** Greatest body of a request in bytes, default 256 KiB. */
  readonly maxPayload?: number | undefined;
  /** A handler that takes longer gets an empty ACK and a separate response, default 1000 ms. */
  readonly piggybackMs?: number | undefined;
  /** How long unfinished and half-fetched bodies are kept, default 60 s. */
  readonly bodyLifetimeMs?: number | undefined;
  /** Requests of the peer that are handled at once, default 16; more are answered 5.03. */
  readonly maxConcurrent?: number | undefined;
  readonly trace?: CoapTrace | undefined;
}

const REQUEST_OPTIONS: readonly OptionName[] = [
  ...(['Uri-Host', 'Uri-Port', 'Uri-Path', 'Uri-Query', 'Content-Format', 'Accept'] as const),
  ...(['Block1', 'Block2', 'Size1', 'Size2'] as const),
];
const PROXY_OPTIONS: readonly number[] = [OPTION_NUMBERS['Proxy-Uri'], OPTION_NUMBERS['Proxy-Scheme']];

/** A response with the options that are not made of `contentFormat`. */
export interface ResponseParts extends CoapServerResponse {
  readonly options?: readonly CoapOption[];
}

/** Answers the requests of one channel. The handler sees whole bodies, and each request once. */
export class CoapServer {
  readonly #channel: DatagramChannel;
  readonly #handler: CoapHandler;
  readonly #layer: MessageLayer;
  readonly #requests: RequestBodies;
  readonly #responses: ResponseBodies;
  readonly #piggybackMs: number;
  readonly #maxConcurrent: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #running = 0;

  constructor(channel: DatagramChannel, handler: CoapHandler, options: CoapServerOptions = {}) {
    this.#channel = channel;
    this.#handler = handler;
    this.#piggybackMs = options.piggybackMs ?? 1000;
    this.#maxConcurrent = options.maxConcurrent ?? 16;
    const blockSize = blockSizeFor(options.blockSize ?? MAX_BLOCK_SIZE);
    const lifetimeMs = options.bodyLifetimeMs ?? 60_000;
    this.#requests = new RequestBodies(options.maxPayload ?? 256 * 1024, blockSize, lifetimeMs);
    this.#responses = new ResponseBodies(blockSize, lifetimeMs);
    const timings: CoapTimings = {
      ackTimeoutMs: options.ackTimeoutMs ?? DEFAULT_TIMINGS.ackTimeoutMs,
      ackRandomFactor: options.ackRandomFactor ?? DEFAULT_TIMINGS.ackRandomFactor,
      maxRetransmit: options.maxRetransmit ?? DEFAULT_TIMINGS.maxRetransmit,
    };
    this.#layer = new MessageLayer(
      channel,
      timings,
      {
        onMessage: (message, incoming) => this.#onMessage(message, incoming),
        onReply: () => undefined,
        onUnacknowledged: () => undefined,
        onClose: () => this.#forget(),
      },
      options.trace,
    );
  }

  async close(): Promise<void> {
    this.#layer.stopAll();
    this.#forget();
    await this.#channel.close();
  }

  #forget(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#requests.clear();
    this.#responses.clear();
  }

  #onMessage(message: CoapMessage, incoming: Incoming): void {
    // Responses that nobody asked for, and classes that are reserved (RFC 7252 4.2, 12.1).
    if (!isRequestCode(message.code)) return this.#layer.acknowledge(incoming, 'RST');
    const { usable, rejected } = sortOptions(message.options, REQUEST_OPTIONS);
    if (rejected.length > 0) return this.#refuseOptions(message, incoming, rejected);
    const response = this.#respond({ ...message, options: usable });
    if (!(response instanceof Promise)) return this.#send(incoming, response);
    this.#sendWhenReady(incoming, response);
  }

  /** RFC 7252 5.4.1: 4.02 to a confirmable request; another is not answered. Proxies: 5.10.2. */
  #refuseOptions(message: CoapMessage, incoming: Incoming, rejected: readonly CoapOption[]): void {
    if (message.type !== 'CON') return;
    const proxy = rejected.every(({ number }) => PROXY_OPTIONS.includes(number));
    this.#send(incoming, { code: proxy ? '5.05' : '4.02' });
  }

  /** A response that is known at once, or one that the handler makes. */
  #respond(message: CoapMessage): ResponseParts | Promise<ResponseParts> {
    const key = cacheKey(message);
    const later = this.#responses.laterBlock(message, key);
    if (later !== undefined) return later;
    const body = this.#requests.take(message, key);
    if (body.kind === 'answer') return body.response;
    if (this.#running >= this.#maxConcurrent) {
      return { code: '5.03', options: [option('Max-Age', 1)] };
    }
    return this.#handle(message, key, body.payload, body.options);
  }

  async #handle(
    message: CoapMessage,
    key: string,
    payload: Uint8Array,
    extra: readonly CoapOption[],
  ): Promise<ResponseParts> {
    const { code, options } = message;
    this.#running += 1;
    try {
      const response = await this.#handler({
        code,
        path: optionTexts(options, 'Uri-Path'),
        query: optionTexts(options, 'Uri-Query'),
        contentFormat: optionUint(options, 'Content-Format'),
        payload,
        options,
      });
      if (!isResponseCode(response.code)) return { code: '5.00', options: extra };
      return this.#responses.firstBlock(message, key, { ...response, options: extra });
    } catch {
      // What the handler trips over is not the peer's business.
      return { code: '5.00', options: extra };
    } finally {
      this.#running -= 1;
    }
  }

  #sendWhenReady(incoming: Incoming, response: Promise<ResponseParts>): void {
    let acknowledged = false;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      acknowledged = true;
      this.#layer.acknowledge(incoming);
    }, this.#piggybackMs);
    this.#timers.add(timer);
    void response.then((parts) => {
      clearTimeout(timer);
      this.#timers.delete(timer);
      this.#send(incoming, parts, acknowledged);
    });
  }

  /** In the ACK of a confirmable request, unless that went out already; in a NON for a NON (RFC 7252 5.2). */
  #send(incoming: Incoming, parts: ResponseParts, separate = false): void {
    const { message } = incoming;
    const confirmable = message.type === 'CON';
    const format = parts.contentFormat;
    const options = format === undefined ? [] : [option('Content-Format', format)];
    const response: CoapMessage = {
      type: !confirmable ? 'NON' : separate ? 'CON' : 'ACK',
      code: parts.code,
      messageId: confirmable && !separate ? message.messageId : this.#layer.nextMessageId(),
      token: message.token,
      options: [...options, ...(parts.options ?? [])],
      payload: parts.payload ?? new Uint8Array(0),
    };
    if (confirmable && separate) this.#layer.send(response);
    else this.#layer.reply(incoming, response);
  }
}

/** What makes two messages parts of one request: method and all options that are not about blocks (RFC 7959 2.5). */
function cacheKey({ code, options }: CoapMessage): string {
  const names: readonly OptionName[] = ['Block1', 'Block2', 'Size1', 'Size2', 'Content-Format'];
  const skipped = names.map((name) => OPTION_NUMBERS[name] as number);
  const kept = options.filter(({ number }) => !skipped.includes(number));
  return [code, ...kept.map(({ number, value }) => `${number}:${Buffer.from(value).toString('hex')}`)].join(
    ' ',
  );
}
