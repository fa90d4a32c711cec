/** Two ends of a channel in memory, with a hand on every datagram. */
import type { DatagramChannel } from '../../../src/transport/coap/index.js';
import { decodeMessage, encodeMessage, type CoapMessage } from '../../../src/transport/coap/index.js';

export interface ChannelPair {
  readonly a: DatagramChannel;
  readonly b: DatagramChannel;
  /** All that was sent, lost or not. */
  readonly log: { from: 'a' | 'b'; bytes: Uint8Array; lost: boolean }[];
}

/** @param lost is asked for each datagram with its number, from 0. */
export function channelPair(
  lost: (from: 'a' | 'b', bytes: Uint8Array, nr: number) => boolean = () => false,
): ChannelPair {
  const log: ChannelPair['log'] = [];
  const listeners = { a: [] as ((d: Uint8Array) => void)[], b: [] as ((d: Uint8Array) => void)[] };
  const closers: ((error?: Error) => void)[] = [];
  let closed = false;
  const end = (from: 'a' | 'b', to: 'a' | 'b'): DatagramChannel => ({
    async send(bytes) {
      if (closed) return;
      const entry = { from, bytes, lost: lost(from, bytes, log.length) };
      log.push(entry);
      if (!entry.lost) setImmediate(() => listeners[to].forEach((listener) => listener(bytes)));
    },
    onMessage: (callback) => void listeners[from].push(callback),
    onClose: (callback) => void closers.push(callback),
    async close() {
      if (closed) return;
      closed = true;
      for (const closer of closers) closer();
    },
  });
  return { a: end('a', 'b'), b: end('b', 'a'), log };
}

/** A peer made by hand: it says what each message gets, and remembers what came. */
export interface ScriptedPeer {
  readonly received: CoapMessage[];
  send(message: Partial<CoapMessage> | Uint8Array): void;
  /** The message with that number, from 0, as soon as it is there. */
  message(nr: number): Promise<CoapMessage>;
}

export function scriptedPeer(
  channel: DatagramChannel,
  onMessage: (message: CoapMessage, peer: ScriptedPeer) => void = () => undefined,
): ScriptedPeer {
  const received: CoapMessage[] = [];
  const waiting: { nr: number; resolve: (message: CoapMessage) => void }[] = [];
  const peer: ScriptedPeer = {
    received,
    send: (message) =>
      void channel.send(message instanceof Uint8Array ? message : encodeMessage(messageOf(message))),
    message: (nr) =>
      new Promise((resolve) => {
        const there = received[nr];
        if (there !== undefined) resolve(there);
        else waiting.push({ nr, resolve });
      }),
  };
  channel.onMessage((bytes) => {
    const message = decodeMessage(bytes);
    const nr = received.push(message) - 1;
    for (const one of waiting) if (one.nr === nr) one.resolve(message);
    onMessage(message, peer);
  });
  return peer;
}

/** A whole message out of the parts that matter to a test. */
export function messageOf(parts: Partial<CoapMessage>): CoapMessage {
  const nothing = new Uint8Array(0);
  return {
    type: 'CON',
    code: '0.02',
    messageId: 1,
    token: nothing,
    options: [],
    payload: nothing,
    ...parts,
  };
}

/** A piggybacked response to a request. */
export function answerTo(request: CoapMessage, parts: Partial<CoapMessage> = {}): CoapMessage {
  return messageOf({
    type: 'ACK',
    code: '2.04',
    messageId: request.messageId,
    token: request.token,
    ...parts,
  });
}

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
export const bytesOf = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value));

/** Bytes that differ everywhere, so that a block in a wrong place shows. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}
