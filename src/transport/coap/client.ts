/** A CoAP client on one channel (RFC 7252), with bodies in blocks (RFC 7959). */
import type { CoapTrace, DatagramChannel } from './channel.js';
import { ClientExchanges, type Answer, type AnswerCount } from './client-exchange.js';
import { CoapError } from './errors.js';
import type { CoapOption } from './message.js';
import { blockSizeFor, MAX_BLOCK_SIZE, option, optionUint, pathOptions } from './options.js';
import { DEFAULT_TIMINGS, type CoapTimings } from './timings.js';
import { receiveBody } from './client-receive.js';
import { sendBody } from './client-send.js';

export interface CoapRequest {
  /** `0.02` is POST. */
  readonly code: string;
  /** Segments, or text with slashes between them. */
  readonly path: string | readonly string[];
  readonly contentFormat?: number | undefined;
  readonly payload?: Uint8Array | undefined;
  /** Further options. */
  readonly options?: readonly CoapOption[] | undefined;
  /** Default true. */
  readonly confirmable?: boolean | undefined;
  /** Greatest block both ways, 16 to 1024; rounded down to a power of two. A larger payload goes out in blocks. */
  readonly blockSize?: number | undefined;
  /** The first block is left out: the second goes out in its place, then the rest until the server refuses. */
  readonly blocksOutOfOrder?: boolean | undefined;
  /** The datagram with the last block (or the whole request) is sent twice, and the answers are counted. */
  readonly duplicate?: boolean | undefined;
  /** Counts the answers to that datagram without sending it twice. */
  readonly countAnswers?: boolean | undefined;
  /** Called after that datagram went out. */
  readonly onLastSent?: (() => void | Promise<void>) | undefined;
  /** Greatest body of the response in bytes, default 1 MiB. */
  readonly maxPayload?: number | undefined;
}

export interface CoapResponse {
  readonly code: string;
  /** `ACK`: piggybacked. `CON`, `NON`: a message of its own. Of the first message of the response. */
  readonly type: 'ACK' | 'CON' | 'NON';
  readonly separate: boolean;
  readonly contentFormat?: number;
  /** Put together from all blocks. */
  readonly payload: Uint8Array;
  /** Messages that the response came in. */
  readonly blocks: number;
  /** Bytes of a Block2 block; undefined when the response came without. */
  readonly block2Size?: number;
  /** Hex. */
  readonly etag?: string;
  readonly size2?: number;
  /** Blocks that the request went out in; 0 when it went without Block1. */
  readonly block1Blocks: number;
  /** Bytes of a Block1 block as agreed in the end. */
  readonly block1Size?: number;
  /** Codes of the answers to all blocks but the last: 2.31 each, from a server that follows RFC 7959 2.9.1. */
  readonly block1Codes: readonly string[];
  /** Every answer carried the token of its request. */
  readonly tokenEcho: boolean;
  /** With `duplicate` or `countAnswers`. */
  readonly duplicateAnswers?: AnswerCount;
  /** Of the first message of the response. */
  readonly options: readonly CoapOption[];
}

export interface CoapClientOptions extends Partial<CoapTimings> {
  readonly blockSize?: number | undefined;
  /** How long further answers are counted, default one acknowledgement timeout. */
  readonly countAnswersMs?: number | undefined;
  readonly trace?: CoapTrace | undefined;
}

export const DEFAULT_MAX_PAYLOAD = 1 << 20;

/** Requests go out one after the other (NSTART is 1, RFC 7252 4.7). */
export class CoapClient {
  readonly #channel: DatagramChannel;
  readonly #exchanges: ClientExchanges;
  readonly #blockSize: number;
  readonly #countAnswersMs: number;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(channel: DatagramChannel, options: CoapClientOptions = {}) {
    const timings: CoapTimings = {
      ackTimeoutMs: options.ackTimeoutMs ?? DEFAULT_TIMINGS.ackTimeoutMs,
      ackRandomFactor: options.ackRandomFactor ?? DEFAULT_TIMINGS.ackRandomFactor,
      maxRetransmit: options.maxRetransmit ?? DEFAULT_TIMINGS.maxRetransmit,
    };
    this.#channel = channel;
    this.#blockSize = options.blockSize ?? MAX_BLOCK_SIZE;
    this.#countAnswersMs = options.countAnswersMs ?? timings.ackTimeoutMs;
    this.#exchanges = new ClientExchanges(channel, timings, options.trace);
  }

  /**
   * @param signal its abort is the deadline.
   * @throws {CoapError} `coap-timeout`, `coap-reset`, `coap-closed`, `coap-malformed`, `coap-too-large`, `coap-block`,
   *   and `coap-unencodable` before anything is sent.
   *   A 4.xx or 5.xx is a response.
   */
  request(request: CoapRequest, signal?: AbortSignal): Promise<CoapResponse> {
    const mine = this.#turn.then(() => this.#request(request, signal));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async close(): Promise<void> {
    this.#exchanges.close();
    await this.#channel.close();
  }

  async #request(request: CoapRequest, signal?: AbortSignal): Promise<CoapResponse> {
    const counts = request.duplicate === true || request.countAnswers === true;
    const context = {
      exchanges: this.#exchanges,
      code: request.code,
      confirmable: request.confirmable ?? true,
      blockSize: blockSizeFor(request.blockSize ?? this.#blockSize),
      signal,
    };
    const common = [...pathOptions(request.path), ...(request.options ?? [])];
    const format = request.contentFormat;
    const sent = await sendBody(context, {
      payload: request.payload ?? new Uint8Array(0),
      options: format === undefined ? common : [...common, option('Content-Format', format)],
      leaveFirstOut: request.blocksOutOfOrder === true,
      last: {
        duplicate: request.duplicate === true,
        countAnswersMs: counts ? this.#countAnswersMs : undefined,
        onSent: request.onLastSent,
      },
    });
    const received = await receiveBody(context, sent.answer, {
      options: common,
      maxPayload: request.maxPayload ?? DEFAULT_MAX_PAYLOAD,
    });
    const { tokenEcho, ...body } = received;
    return {
      ...headOf(sent.answer),
      ...body,
      block1Blocks: sent.blocks,
      ...(sent.blocks === 0 ? {} : { block1Size: sent.size }),
      block1Codes: sent.codes,
      tokenEcho: sent.tokenEcho && tokenEcho,
    };
  }
}

function headOf(
  answer: Answer,
): Pick<CoapResponse, 'code' | 'type' | 'separate' | 'options' | 'contentFormat' | 'duplicateAnswers'> {
  const { message, separate, count } = answer;
  if (message.type === 'RST') throw new CoapError('coap-reset', 'the peer refused the message');
  const contentFormat = optionUint(message.options, 'Content-Format');
  return {
    code: message.code,
    type: message.type,
    separate,
    options: message.options,
    ...(contentFormat === undefined ? {} : { contentFormat }),
    ...(count === undefined ? {} : { duplicateAnswers: count }),
  };
}
