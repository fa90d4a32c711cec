/** The seeded defects of the CoAP message layer: messages are altered between the client and its channel. */
import {
  CoapError,
  decodeMessage,
  encodeMessage,
  OPTION_NUMBERS,
  type CoapMessage,
  type DatagramChannel,
} from '../../../transport/coap/index.js';
import type { IpadDefects } from '../defects.js';

/** Of one message exchange; the client sees what comes back. */
interface Flaw {
  /** @param again the message was sent before. */
  readonly out?: (message: CoapMessage, again: boolean) => CoapMessage;
  /**
   * @param request what the message answers, as the client sent it.
   * @returns undefined for a message that the client does not see.
   */
  readonly in?: (message: CoapMessage, request: CoapMessage | undefined) => CoapMessage | undefined;
}

/** The channel itself, when none of these defects is there. */
export function flawedClient(channel: DatagramChannel, defects: IpadDefects): DatagramChannel {
  const flaws: Flaw[] = [];
  if (defects.has('coap-new-id-in-retransmission')) flaws.push(newId());
  if (defects.has('coap-acknowledgement-as-answer')) flaws.push({ in: acknowledgementAsAnswer });
  if (defects.has('coap-missing-block-skipped')) flaws.push(zerosForMissing());
  if (defects.has('coap-reset-unknown')) flaws.push({ in: (m) => (m.type === 'RST' ? undefined : m) });
  if (flaws.length === 0) return channel;
  const sent = new Map<string, CoapMessage>();
  const ids = new Map<number, CoapMessage>();
  return {
    async send(bytes) {
      let message = decoded(bytes);
      if (message === undefined) return channel.send(bytes);
      const again = message.type === 'CON' && ids.has(message.messageId);
      sent.set(hexOf(message.token), message);
      ids.set(message.messageId, message);
      for (const flaw of flaws) message = flaw.out?.(message, again) ?? message;
      await channel.send(encodeMessage(message));
    },
    onMessage: (callback) =>
      channel.onMessage((bytes) => {
        let message = decoded(bytes);
        if (message === undefined) return callback(bytes);
        const request = sent.get(hexOf(message.token)) ?? ids.get(message.messageId);
        for (const flaw of flaws) {
          if (flaw.in !== undefined) message = flaw.in(message, request);
          if (message === undefined) return;
        }
        callback(encodeMessage(message));
      }),
    onClose: (callback) => channel.onClose(callback),
    close: () => channel.close(),
  };
}

/** A retransmission that is a message of its own: the eIM takes it for another request. */
function newId(): Flaw {
  const shifts = new Map<number, number>();
  return {
    out(message, again) {
      if (!again) return message;
      const messageId = (message.messageId + 0x1000) & 0xffff;
      shifts.set(messageId, message.messageId);
      return { ...message, messageId };
    },
    in: (message) => ({ ...message, messageId: shifts.get(message.messageId) ?? message.messageId }),
  };
}

/** An empty acknowledgement ends the exchange, as if it were the answer itself. */
function acknowledgementAsAnswer(message: CoapMessage, request: CoapMessage | undefined): CoapMessage {
  if (message.type !== 'ACK' || message.code !== '0.00' || request === undefined) return message;
  return { ...message, code: '2.04', token: request.token };
}

/** What is refused in the middle of a body counts as a block of zeros. */
function zerosForMissing(): Flaw {
  let first: CoapMessage | undefined;
  let total = 0;
  return {
    in(message, request) {
      const asked = blockIn(request);
      if (message.code.startsWith('2.')) {
        const size2 = uintOf(message, 'Size2');
        if (size2 !== undefined || asked === undefined) [first, total] = [message, size2 ?? 0];
        return message;
      }
      if (asked === undefined || first === undefined) return message;
      const { num, size } = asked;
      const more = (num + 1) * size < total;
      const value = num * 16 + (more ? 8 : 0) + Math.log2(size) - 4;
      const block = { number: OPTION_NUMBERS.Block2, value: Uint8Array.of(value >> 8, value & 0xff) };
      const etag = first.options.filter(({ number }) => number === OPTION_NUMBERS.ETag);
      const payload = new Uint8Array(more ? size : Math.max(0, total - num * size));
      return { ...message, code: first.code, options: [...etag, block], payload };
    },
  };
}

/** Which block of an answer a request asks for. */
function blockIn(request: CoapMessage | undefined): { num: number; size: number } | undefined {
  const value = request === undefined ? undefined : uintOf(request, 'Block2');
  return value === undefined ? undefined : { num: value >> 4, size: 2 ** ((value & 7) + 4) };
}

function uintOf(message: CoapMessage, name: 'Block2' | 'Size2'): number | undefined {
  const found = message.options.find(({ number }) => number === OPTION_NUMBERS[name])?.value;
  return found?.reduce((sum, byte) => sum * 256 + byte, 0);
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function decoded(bytes: Uint8Array): CoapMessage | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof CoapError) return undefined;
    throw error;
  }
}
