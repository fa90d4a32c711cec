/** A CoAP server towards one peer (RFC 7252 5), with bodies in blocks (RFC 7959). */
import type { DatagramChannel } from './channel.js';
import { encodeMessage } from './codec.js';
import { emptyMessage, isRequestCode, isResponseCode, type CoapMessage, type CoapOption } from './message.js';
import { MessageLayer, type Incoming } from './message-layer.js';
import {
  blockSizeFor,
  MAX_BLOCK_SIZE,
  option,
  OPTION_NUMBERS,
  optionName,
  optionTexts,
  optionUint,
  sortOptions,
  type OptionName,
} from './options.js';
import { RequestBodies, type TakenBody } from './server-request-body.js';
import { ResponseBodies } from './server-response-body.js';
import type { CoapDelivery, CoapHandler, CoapServerOptions, ResponseParts } from './server-types.js';
import { DEFAULT_TIMINGS, type CoapTimings } from './timings.js';

const REQUEST_OPTIONS: readonly OptionName[] = [
  ...(['Uri-Host', 'Uri-Port', 'Uri-Path', 'Uri-Query', 'Content-Format', 'Accept'] as const),
  ...(['Block1', 'Block2', 'Size1', 'Size2'] as const),
];
const PROXY_OPTIONS: readonly number[] = [OPTION_NUMBERS['Proxy-Uri'], OPTION_NUMBERS['Proxy-Scheme']];

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
  readonly #onRefused: (reason: string, datagram: Uint8Array) => void;
  /** Of responses on their way: by the request, and by the message id of a separate one. */
  readonly #deliveries = new WeakMap<Incoming, CoapDelivery>();
  readonly #separate = new Map<number, CoapDelivery>();
  #running = 0;
  #repeats = 0;

  constructor(channel: DatagramChannel, handler: CoapHandler, options: CoapServerOptions = {}) {
    this.#channel = channel;
    this.#handler = handler;
    this.#piggybackMs = options.piggybackMs ?? 1000;
    this.#maxConcurrent = options.maxConcurrent ?? 16;
    this.#onRefused = options.onRefused ?? (() => undefined);
    const blockSize = blockSizeFor(options.blockSize ?? MAX_BLOCK_SIZE);
    const lifetimeMs = options.bodyLifetimeMs ?? 60_000;
    this.#requests = new RequestBodies({
      maxPayload: options.maxPayload ?? 256 * 1024,
      maxBodies: options.maxBodies ?? 4,
      blockSize,
      lifetimeMs,
    });
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
        onReply: (message) => this.#ended(message.messageId, message.type === 'ACK'),
        onUnacknowledged: (messageId) => this.#ended(messageId, false),
        onRepeated: (incoming) => {
          this.#repeats += 1;
          this.#deliveries.get(incoming)?.onProgress?.({ kind: 'repeated' });
        },
        onMalformed: (error, bytes) => this.#onRefused(error.message, bytes),
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
    this.#separate.clear();
    this.#requests.clear();
    this.#responses.clear();
  }

  #onMessage(message: CoapMessage, incoming: Incoming): void {
    // Responses that nobody asked for, and classes that are reserved (RFC 7252 4.2, 12.1).
    if (!isRequestCode(message.code)) {
      this.#refused(`the code ${message.code}, which is none of a request`, message);
      return this.#layer.acknowledge(incoming, 'RST');
    }
    const { usable, rejected } = sortOptions(message.options, REQUEST_OPTIONS);
    if (rejected.length > 0) return this.#refuseOptions(message, incoming, rejected);
    const response = this.#respond({ ...message, options: usable }, message);
    if (!(response instanceof Promise)) return this.#send(incoming, response);
    this.#sendWhenReady(incoming, response);
  }

  /** RFC 7252 5.4.1: 4.02 to a confirmable request; another is not answered. Proxies: 5.10.2. */
  #refuseOptions(message: CoapMessage, incoming: Incoming, rejected: readonly CoapOption[]): void {
    const names = rejected.map(({ number }) => optionName(number)).join(', ');
    this.#refused(`critical options that no server understands so: ${names}`, message);
    if (message.type !== 'CON') return;
    const proxy = rejected.every(({ number }) => PROXY_OPTIONS.includes(number));
    this.#send(incoming, { code: proxy ? '5.05' : '4.02' });
  }

  /** A response that is known at once, or one that the handler makes. */
  #respond(message: CoapMessage, asCame: CoapMessage): ResponseParts | Promise<ResponseParts> {
    const key = cacheKey(message);
    const later = this.#responses.laterBlock(message, key);
    if (later !== undefined) {
      if (later.code === '4.00') this.#refused('a Block2 option that does not fit', asCame);
      return later;
    }
    const body = this.#requests.take(message, key);
    if (body.kind === 'answer') {
      const { code } = body.response;
      if (code !== '2.31') this.#refused(`a block that is answered with ${code}`, asCame);
      return body.response;
    }
    if (this.#running >= this.#maxConcurrent) {
      this.#refused('more requests at once than are taken', asCame);
      return { code: '5.03', options: [option('Max-Age', 1)] };
    }
    return this.#handle(message, key, body);
  }

  async #handle(
    message: CoapMessage,
    key: string,
    body: Extract<TakenBody, { kind: 'whole' }>,
  ): Promise<ResponseParts> {
    const { code, options } = message;
    const retransmissions = this.#repeats;
    this.#repeats = 0;
    this.#running += 1;
    try {
      const response = await this.#handler({
        code,
        type: message.type === 'NON' ? 'NON' : 'CON',
        path: optionTexts(options, 'Uri-Path'),
        query: optionTexts(options, 'Uri-Query'),
        contentFormat: optionUint(options, 'Content-Format'),
        payload: body.payload,
        blocks: body.blocks,
        retransmissions,
        options,
      });
      if (!isResponseCode(response.code)) return { code: '5.00', options: body.options };
      const all = [...body.options, ...(response.options ?? [])];
      return this.#responses.firstBlock(message, key, { ...response, options: all });
    } catch {
      // What the handler trips over is not the peer's business.
      return { code: '5.00', options: body.options };
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
      try {
        this.#deliver(incoming, parts, acknowledged);
      } catch {
        // A response that has no encoding.
        this.#send(incoming, { code: '5.00' }, acknowledged);
      }
    });
  }

  /** As `delivery` says; by itself, in the ACK unless that went out already. */
  #deliver(incoming: Incoming, parts: ResponseParts, acknowledged: boolean): void {
    const { delivery = {} } = parts;
    this.#deliveries.set(incoming, delivery);
    if (delivery.silent === true) return;
    if (delivery.reset === true) return this.#reset(incoming);
    const wanted = delivery.separate === true && incoming.message.type === 'CON' && !acknowledged;
    if (wanted) this.#layer.acknowledge(incoming, 'ACK', delivery.loseFirst);
    this.#send(incoming, parts, acknowledged || wanted);
  }

  #reset(incoming: Incoming): void {
    if (incoming.message.type === 'CON') this.#layer.acknowledge(incoming, 'RST');
    else this.#layer.send(emptyMessage('RST', incoming.message.messageId));
  }

  /** In the ACK of a confirmable request, unless that went out already; in a NON for a NON (RFC 7252 5.2). */
  #send(incoming: Incoming, parts: ResponseParts, separate = false): void {
    const { message } = incoming;
    const { delivery } = parts;
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
    if (confirmable && separate) {
      if (delivery !== undefined) this.#separate.set(response.messageId, delivery);
      this.#layer.send(response, delivery?.loseFirst);
    } else this.#layer.reply(incoming, response, delivery?.loseFirst);
  }

  /** Of a separate response. */
  #ended(messageId: number, acknowledged: boolean): void {
    const delivery = this.#separate.get(messageId);
    this.#separate.delete(messageId);
    delivery?.onProgress?.({ kind: acknowledged ? 'acknowledged' : 'unacknowledged' });
  }

  #refused(reason: string, message: CoapMessage): void {
    this.#onRefused(reason, encodeMessage(message));
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
