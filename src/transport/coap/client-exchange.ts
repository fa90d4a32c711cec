/** One request and its response (RFC 7252 5.2, 5.3): piggybacked in the ACK, or in a message of its own. */
import { randomBytes } from 'node:crypto';
import type { CoapTrace, DatagramChannel } from './channel.js';
import { describeMessage } from './describe.js';
import { CoapError, type CoapSeen } from './errors.js';
import { EMPTY_CODE, isResponseCode, type CoapMessage, type CoapOption } from './message.js';
import { MessageLayer, type Incoming } from './message-layer.js';
import { optionName, sortOptions, type OptionName } from './options.js';
import { maxTransmitWait, type CoapTimings } from './timings.js';

export interface ExchangeRequest {
  readonly code: string;
  readonly options: readonly CoapOption[];
  readonly payload: Uint8Array;
  readonly confirmable: boolean;
  /** The datagram goes out twice. */
  readonly duplicate?: boolean;
  /** After the answer, further answers are counted for so long, or until a duplicate has its own. */
  readonly countAnswersMs?: number | undefined;
  /** After the datagram went out. */
  readonly onSent?: (() => void | Promise<void>) | undefined;
}

export interface AnswerCount {
  /** Two answers at least, byte for byte the same, and not more than one separate response. */
  readonly identical: boolean;
  /** ACK and RST messages for the request. */
  readonly acknowledgements: number;
  /** Different separate responses: more than one says that the request was processed twice. */
  readonly responses: number;
}

export interface Answer {
  readonly message: CoapMessage;
  readonly separate: boolean;
  readonly tokenEcho: boolean;
  readonly count?: AnswerCount;
}

interface Pending {
  readonly messageId: number;
  readonly token: Uint8Array;
  readonly request: ExchangeRequest;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: CoapError) => void;
  readonly acknowledgements: Uint8Array[];
  responses: number;
  answer: Answer | undefined;
  /** The answer is there, and further ones are counted. */
  counting: boolean;
  /** What came and was no answer, for the report of a timeout. */
  stray: string | undefined;
  malformed: CoapError | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Options that a response may carry; another critical one makes it unusable (RFC 7252 5.4.1). */
export const RESPONSE_OPTIONS: readonly OptionName[] = [
  ...(['ETag', 'Location-Path', 'Location-Query', 'Content-Format', 'Max-Age'] as const),
  ...(['Block1', 'Block2', 'Size1', 'Size2'] as const),
];

/** The client's end of a channel. Exchanges may run at the same time. */
export class ClientExchanges {
  readonly #layer: MessageLayer;
  readonly #timings: CoapTimings;
  readonly #pending = new Map<number, Pending>();
  #closed: CoapError | undefined;

  constructor(channel: DatagramChannel, timings: CoapTimings, trace?: CoapTrace) {
    this.#timings = timings;
    this.#layer = new MessageLayer(
      channel,
      timings,
      {
        onMessage: (message, incoming) => this.#onMessage(message, incoming),
        onReply: (message, bytes) => this.#onReply(message, bytes),
        onUnacknowledged: (messageId) => this.#fail(this.#pending.get(messageId), 'timeout'),
        onMalformed: (error, bytes) => this.#onMalformed(error, bytes),
        onClose: (error) => this.close(error),
      },
      trace,
    );
  }

  /**
   * @throws {CoapError} `coap-timeout` (also when `signal` is aborted), `coap-reset`, `coap-closed`, `coap-malformed`,
   *   `coap-unencodable`.
   */
  run(request: ExchangeRequest, signal?: AbortSignal): Promise<Answer> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        messageId: this.#layer.nextMessageId(),
        token: Uint8Array.from(randomBytes(4)),
        request,
        resolve: (answer) => (forget(), resolve(answer)),
        reject: (error) => (forget(), reject(error)),
        acknowledgements: [],
        responses: 0,
        answer: undefined,
        counting: false,
        stray: undefined,
        malformed: undefined,
        timer: undefined,
      };
      const onAbort = (): void => this.#fail(pending, 'timeout', signal?.reason);
      const forget = (): void => {
        clearTimeout(pending.timer);
        signal?.removeEventListener('abort', onAbort);
        this.#layer.stop(pending.messageId);
        this.#pending.delete(pending.messageId);
      };
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(pending.messageId, pending);
      this.#send(pending);
    });
  }

  /** Every exchange that waits fails with `coap-closed`. */
  close(error?: Error): void {
    const detail = error === undefined ? {} : { actual: error.message, cause: error };
    this.#closed ??= new CoapError('coap-closed', 'the channel was closed', detail);
    this.#layer.stopAll();
    for (const pending of [...this.#pending.values()]) pending.reject(this.#closed);
  }

  #send(pending: Pending): void {
    const { request, messageId, token } = pending;
    const { code, options, payload } = request;
    const type = request.confirmable ? 'CON' : 'NON';
    const message: CoapMessage = { type, code, messageId, token, options, payload };
    try {
      const bytes = this.#layer.send(message);
      if (request.duplicate === true) this.#layer.sendAgain(bytes, `${describeMessage(message)} (duplicate)`);
    } catch (error) {
      pending.reject(error as CoapError);
      return;
    }
    // A confirmable message has its retransmissions as a limit until it is acknowledged.
    if (!request.confirmable) this.#limit(pending);
    const sent = async (): Promise<void> => request.onSent?.();
    void sent().catch((error: unknown) => this.#fail(pending, 'closed', error));
  }

  #limit(pending: Pending): void {
    pending.timer ??= setTimeout(() => this.#fail(pending, 'timeout'), maxTransmitWait(this.#timings));
  }

  #onReply(message: CoapMessage, bytes: Uint8Array): void {
    const pending = this.#pending.get(message.messageId);
    if (pending === undefined) return;
    pending.acknowledgements.push(bytes);
    if (pending.answer !== undefined) return this.#counted(pending);
    if (message.type === 'RST') return this.#fail(pending, 'reset');
    if (message.code === EMPTY_CODE) return this.#limit(pending);
    this.#answered(pending, message, false);
  }

  #onMessage(message: CoapMessage, incoming: Incoming): void {
    const pending = [...this.#pending.values()].find(({ token }) => sameBytes(token, message.token));
    if (pending === undefined || !isResponseCode(message.code)) {
      this.#layer.acknowledge(incoming, 'RST');
      for (const waiting of this.#pending.values()) waiting.stray ??= describeMessage(message);
      return;
    }
    // A response says that the request arrived, even when its acknowledgement was lost (RFC 7252 4.2).
    this.#layer.stop(pending.messageId);
    const unusable = unusableOption(message, pending.request) !== undefined;
    this.#layer.acknowledge(incoming, unusable ? 'RST' : 'ACK');
    pending.responses += 1;
    if (pending.answer === undefined) this.#answered(pending, message, true);
  }

  #answered(pending: Pending, message: CoapMessage, separate: boolean): void {
    const critical = unusableOption(message, pending.request);
    if (!isResponseCode(message.code) || critical !== undefined) {
      pending.malformed ??= new CoapError('coap-malformed', 'an answer that no client may use', {
        place: critical === undefined ? 'code' : 'options',
        expected:
          critical === undefined ? 'class 2, 4 or 5' : 'no critical option that is unknown or malformed',
        actual: critical ?? message.code,
        seen: { code: message.code },
      });
      return pending.reject(pending.malformed);
    }
    pending.answer = { message, separate, tokenEcho: sameBytes(pending.token, message.token) };
    this.#counted(pending);
  }

  /** Resolves at once, or when no further answers are expected. */
  #counted(pending: Pending): void {
    const { answer, request, acknowledgements } = pending;
    if (answer === undefined) return;
    if (request.countAnswersMs === undefined) return pending.resolve(answer);
    const done = (): void => pending.resolve({ ...answer, count: countOf(pending) });
    if (request.duplicate === true && !answer.separate && acknowledgements.length > 1) return done();
    if (pending.counting) return;
    pending.counting = true;
    clearTimeout(pending.timer);
    pending.timer = setTimeout(done, request.countAnswersMs);
  }

  #onMalformed(error: CoapError, bytes: Uint8Array): void {
    const messageId = (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0);
    for (const pending of this.#pending.values()) {
      pending.malformed ??= error;
      // An acknowledgement of this very request: nothing better will come.
      const isAck = bytes.length >= 4 && ((bytes[0] ?? 0) & 0x30) === 0x20;
      if (isAck && pending.messageId === messageId && pending.answer === undefined) pending.reject(error);
    }
  }

  #fail(pending: Pending | undefined, why: Failure, cause?: unknown): void {
    if (pending === undefined) return;
    // What was counted until now is enough for an answer that is there.
    if (pending.answer !== undefined) return pending.resolve({ ...pending.answer, count: countOf(pending) });
    if (why === 'timeout' && pending.malformed !== undefined) return pending.reject(pending.malformed);
    pending.reject(failure(pending, why, cause));
  }
}

/** Why an exchange ends without an answer. */
type Failure = 'reset' | 'timeout' | 'closed';

function failure(pending: Pending, why: Failure, cause: unknown): CoapError {
  const acknowledged = pending.acknowledgements.length > 0;
  const seen: CoapSeen = acknowledged ? { code: EMPTY_CODE } : {};
  if (why === 'reset') {
    const detail = { expected: 'an answer', actual: 'RST', seen };
    return new CoapError('coap-reset', 'the peer refused the message', detail);
  }
  const silence = acknowledged ? 'an empty ACK, and nothing more' : 'nothing';
  const actual = pending.stray === undefined ? silence : `no answer, but ${pending.stray}`;
  const token = Buffer.from(pending.token).toString('hex').toUpperCase();
  const detail = { expected: `a response with token ${token}`, actual, seen, cause };
  if (why === 'timeout') return new CoapError('coap-timeout', 'no answer in time', detail);
  return new CoapError('coap-closed', 'the exchange broke off', detail);
}

function countOf({ acknowledgements, responses }: Pending): AnswerCount {
  const [first, ...rest] = acknowledgements;
  const same = first !== undefined && rest.length > 0 && rest.every((other) => sameBytes(first, other));
  return { identical: same && responses < 2, acknowledgements: acknowledgements.length, responses };
}

/**
 * A critical option that the response must not have (RFC 7252 5.4.1). One that the request had is none: libcoap gives
 * back in its 4.02 what it did not understand.
 */
function unusableOption({ options }: CoapMessage, request: ExchangeRequest): string | undefined {
  const rejected = sortOptions(options, RESPONSE_OPTIONS).rejected.find(
    ({ number, value }) =>
      !request.options.some((own) => own.number === number && sameBytes(own.value, value)),
  );
  if (rejected === undefined) return undefined;
  return `${optionName(rejected.number)} ${Buffer.from(rejected.value).toString('hex').toUpperCase()}`;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(b);
}
