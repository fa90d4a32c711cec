/**
 * Messages between two endpoints (RFC 7252 4): retransmission of confirmable ones, one reply to each message id,
 * Reset for what nobody can use. Requests and responses are the business of client and server above it.
 */
import { randomInt } from 'node:crypto';
import type { CoapTrace, DatagramChannel } from './channel.js';
import { decodeMessage, encodeMessage } from './codec.js';
import { describeMessage } from './describe.js';
import { CoapError } from './errors.js';
import { ExpiringMap } from './expiring-map.js';
import { EMPTY_CODE, emptyMessage, type CoapMessage } from './message.js';
import { exchangeLifetime, type CoapTimings } from './timings.js';

export interface LayerHandlers {
  /** A confirmable or non-confirmable message that was not seen before; `reply` answers it. */
  onMessage(message: CoapMessage, incoming: Incoming): void;
  /** An ACK or RST, also a repeated one. */
  onReply(message: CoapMessage, bytes: Uint8Array): void;
  /** A confirmable message of ours was never acknowledged. */
  onUnacknowledged(messageId: number): void;
  onMalformed?(error: CoapError, bytes: Uint8Array): void;
  /** A message that was seen before came again; it gets what it got. */
  onRepeated?(incoming: Incoming): void;
  onClose(error?: Error): void;
}

/** A message of the peer, and how often it came. */
export interface Incoming {
  readonly message: CoapMessage;
  /** Sent again for each repetition of the message. */
  reply: Uint8Array | undefined;
  /** Repetitions that came before there was a reply. */
  repeated: number;
}

interface Outstanding {
  readonly bytes: Uint8Array;
  readonly text: string;
  attempts: number;
  waitMs: number;
  timer: NodeJS.Timeout;
}

/** Message ids of the peer that are remembered; each may hold a reply of up to about 1100 bytes. */
const MAX_SEEN = 256;
/** No more replies at once than a peer that follows the back-off can have asked for. */
const MAX_REPEATED = 4;

export class MessageLayer {
  readonly #channel: DatagramChannel;
  readonly #timings: CoapTimings;
  readonly #handlers: LayerHandlers;
  readonly #trace: CoapTrace | undefined;
  readonly #outstanding = new Map<number, Outstanding>();
  readonly #seen: ExpiringMap<Incoming>;
  #nextId = randomInt(0x10000);
  #closed = false;

  constructor(channel: DatagramChannel, timings: CoapTimings, handlers: LayerHandlers, trace?: CoapTrace) {
    this.#channel = channel;
    this.#timings = timings;
    this.#handlers = handlers;
    this.#trace = trace;
    this.#seen = new ExpiringMap(MAX_SEEN, exchangeLifetime(timings));
    channel.onMessage((bytes) => this.#receive(bytes));
    channel.onClose((error) => this.#end(error));
  }

  get closed(): boolean {
    return this.#closed;
  }

  nextMessageId(): number {
    this.#nextId = (this.#nextId + 1) & 0xffff;
    return this.#nextId;
  }

  /**
   * Sends once; a confirmable message again and again until it is acknowledged, reset, given up or stopped.
   * @param lost the first datagram does not leave.
   * @returns the bytes.
   * @throws {CoapError} `coap-unencodable` for a message that has no encoding.
   */
  send(message: CoapMessage, lost = false): Uint8Array {
    const bytes = encodeMessage(message);
    const text = describeMessage(message);
    if (message.type === 'CON' && !this.#closed) {
      const waitMs = this.#timings.ackTimeoutMs * (1 + Math.random() * (this.#timings.ackRandomFactor - 1));
      const timer = setTimeout(() => this.#retransmit(message.messageId), waitMs);
      this.#outstanding.set(message.messageId, { bytes, text, attempts: 0, waitMs, timer });
    }
    if (lost) this.#lose(bytes, text);
    else this.sendAgain(bytes, text);
    return bytes;
  }

  /** The same datagram as it is, without waiting for anything. */
  sendAgain(bytes: Uint8Array, text: string): void {
    if (this.#closed) return;
    this.#trace?.('out', bytes, text);
    this.#channel.send(bytes).catch((error: unknown) => this.#end(asError(error)));
  }

  /** No more retransmissions of that message. */
  stop(messageId: number): void {
    clearTimeout(this.#outstanding.get(messageId)?.timer);
    this.#outstanding.delete(messageId);
  }

  /**
   * Answers a message, as often as it came. A reply to a NON is sent once and not remembered.
   * @param lost the first of the answers does not leave.
   */
  reply(incoming: Incoming, message: CoapMessage, lost = false): void {
    const bytes = encodeMessage(message);
    const text = describeMessage(message);
    if (incoming.message.type === 'CON') incoming.reply = bytes;
    if (lost) this.#lose(bytes, text);
    for (let left = incoming.repeated - (lost ? 1 : 0); left >= 0; left -= 1) this.sendAgain(bytes, text);
    incoming.repeated = 0;
  }

  /** Empty ACK or RST for a confirmable message; nothing for another. */
  acknowledge(incoming: Incoming, type: 'ACK' | 'RST' = 'ACK', lost = false): void {
    if (incoming.message.type !== 'CON') return;
    this.reply(incoming, emptyMessage(type, incoming.message.messageId), lost);
  }

  #lose(bytes: Uint8Array, text: string): void {
    if (!this.#closed) this.#trace?.('out', bytes, `${text} (lost on purpose)`);
  }

  /** Stops all timers; the channel stays open. */
  stopAll(): void {
    for (const messageId of [...this.#outstanding.keys()]) this.stop(messageId);
    this.#seen.clear();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    let message: CoapMessage;
    try {
      message = decodeMessage(bytes);
    } catch (error) {
      if (!(error instanceof CoapError)) throw error;
      this.#trace?.('in', bytes, `malformed: ${error.message}`);
      this.#refuse(bytes);
      this.#handlers.onMalformed?.(error, bytes);
      return;
    }
    this.#trace?.('in', bytes, describeMessage(message));
    if (message.type === 'ACK' || message.type === 'RST') {
      this.stop(message.messageId);
      this.#handlers.onReply(message, bytes);
      return;
    }
    const known = this.#seen.get(message.messageId);
    if (known !== undefined) return this.#repeat(known);
    const incoming: Incoming = { message, reply: undefined, repeated: 0 };
    this.#seen.set(message.messageId, incoming);
    // An empty confirmable message is a ping (RFC 7252 4.3); an empty NON has no use.
    if (message.code === EMPTY_CODE) this.acknowledge(incoming, 'RST');
    else this.#handlers.onMessage(message, incoming);
  }

  #repeat(known: Incoming): void {
    this.#handlers.onRepeated?.(known);
    if (known.reply !== undefined) this.sendAgain(known.reply, `${replyText(known.reply)} (again)`);
    else if (known.message.type === 'CON') known.repeated = Math.min(known.repeated + 1, MAX_REPEATED);
  }

  /** RFC 7252 4.2: a confirmable message that can not be read is rejected; another version is ignored (3). */
  #refuse(bytes: Uint8Array): void {
    const [first, , high, low] = bytes;
    if (first === undefined || high === undefined || low === undefined || first >> 4 !== 0b0100) return;
    const reset = emptyMessage('RST', high * 256 + low);
    this.sendAgain(encodeMessage(reset), describeMessage(reset));
  }

  #retransmit(messageId: number): void {
    const one = this.#outstanding.get(messageId);
    if (one === undefined) return;
    if (one.attempts >= this.#timings.maxRetransmit) {
      this.#outstanding.delete(messageId);
      this.#handlers.onUnacknowledged(messageId);
      return;
    }
    one.attempts += 1;
    one.waitMs *= 2;
    one.timer = setTimeout(() => this.#retransmit(messageId), one.waitMs);
    this.sendAgain(one.bytes, `${one.text} (retransmission ${one.attempts})`);
  }

  #end(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.stopAll();
    this.#handlers.onClose(error);
  }
}

function replyText(bytes: Uint8Array): string {
  return describeMessage(decodeMessage(bytes));
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
