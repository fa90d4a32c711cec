/** The seeded defects of the CoAP message layer: messages are altered between the server and its channel. */
import {
  CoapError,
  decodeMessage,
  encodeMessage,
  OPTION_NUMBERS,
  type CoapMessage,
  type DatagramChannel,
} from '../../../../transport/coap/index.js';
import type { ServeDefects } from '../defects.js';
import { blockIn, withBlock } from './block-option.js';

type Alter = (message: CoapMessage) => CoapMessage | undefined;

/** What stands between channel and server; `undefined` from an alteration: the message is dropped. */
interface Flaw {
  readonly incoming?: Alter;
  readonly outgoing?: Alter;
}

/** The channel itself, when none of these defects is there. */
export function flawedChannel(channel: DatagramChannel, defects: ServeDefects): DatagramChannel {
  const flaws: Flaw[] = [];
  if (defects.has('coap-critical-option-ignored')) flaws.push({ incoming: withoutUnknownCritical });
  if (defects.has('coap-token-not-echoed')) flaws.push({ outgoing: withOwnToken });
  if (defects.has('coap-block2-inconsistent')) flaws.push(repeatFirstBlock());
  if (defects.has('coap-block2-not-ended')) flaws.push({ outgoing: alwaysMore });
  if (defects.has('coap-block1-order-ignored')) flaws.push(takeAnyOrder());
  if (defects.has('coap-block1-not-assembled')) flaws.push({ incoming: withoutBlock1 });
  if (defects.has('coap-separate-as-ack')) flaws.push({ outgoing: separateAsAck });
  const retransmissions = defects.has('coap-retransmission-rejected')
    ? 'RST'
    : defects.has('coap-retransmission-ignored')
      ? 'nothing'
      : undefined;
  if (flaws.length === 0 && retransmissions === undefined) return channel;
  return altered(channel, flaws, retransmissions);
}

function altered(
  channel: DatagramChannel,
  flaws: readonly Flaw[],
  retransmissions: 'RST' | 'nothing' | undefined,
): DatagramChannel {
  const seen = new Set<number>();
  const repeated = (bytes: Uint8Array): boolean => {
    const message = decoded(bytes);
    if (retransmissions === undefined || message?.type !== 'CON') return false;
    if (!seen.has(message.messageId)) {
      seen.add(message.messageId);
      return false;
    }
    if (retransmissions === 'RST') void channel.send(resetOf(message.messageId));
    return true;
  };
  return {
    onMessage: (callback) =>
      channel.onMessage((bytes) => {
        if (repeated(bytes)) return;
        const changed = through(bytes, flaws, 'incoming');
        if (changed !== undefined) callback(changed);
      }),
    async send(bytes) {
      const changed = through(bytes, flaws, 'outgoing');
      if (changed !== undefined) await channel.send(changed);
    },
    onClose: (callback) => channel.onClose(callback),
    close: () => channel.close(),
  };
}

function through(bytes: Uint8Array, flaws: readonly Flaw[], way: keyof Flaw): Uint8Array | undefined {
  let message = decoded(bytes);
  // What is no message is for the server to judge.
  if (message === undefined) return bytes;
  for (const flaw of flaws) {
    message = flaw[way] === undefined ? message : flaw[way](message);
    if (message === undefined) return undefined;
  }
  return encodeMessage(message);
}

function decoded(bytes: Uint8Array): CoapMessage | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof CoapError) return undefined;
    throw error;
  }
}

const EMPTY = new Uint8Array(0);

const resetOf = (messageId: number): Uint8Array =>
  encodeMessage({ type: 'RST', code: '0.00', messageId, token: EMPTY, options: [], payload: EMPTY });

const KNOWN: readonly number[] = Object.values(OPTION_NUMBERS);

const withoutUnknownCritical: Alter = (message) => ({
  ...message,
  options: message.options.filter(({ number }) => number % 2 === 0 || KNOWN.includes(number)),
});

const withOwnToken: Alter = (message) =>
  message.code.startsWith('0.') ? message : { ...message, token: Uint8Array.of(0x5e, 0x1f) };

function repeatFirstBlock(): Flaw {
  let first: Uint8Array = EMPTY;
  return {
    outgoing(message) {
      const block = blockIn(message, 'Block2');
      if (block === undefined) return message;
      if (block.num === 0) first = message.payload;
      return block.num === 1 ? { ...message, payload: first.subarray(0, message.payload.length) } : message;
    },
  };
}

const withoutBlock1: Alter = (message) => ({
  ...message,
  options: message.options.filter(({ number }) => number !== OPTION_NUMBERS.Block1),
});

const separateAsAck: Alter = (message) => (message.type === 'CON' ? { ...message, type: 'ACK' } : message);

const alwaysMore: Alter = (message) => {
  const block = blockIn(message, 'Block2');
  return block === undefined || block.num === 0
    ? message
    : withBlock(message, 'Block2', { ...block, more: true });
};

/** A gap in the numbers is closed on the way in, and opened again on the way out. */
function takeAnyOrder(): Flaw {
  let next = 0;
  let gap = 0;
  return {
    incoming(message) {
      const block = blockIn(message, 'Block1');
      if (block === undefined) return message;
      if (block.num === 0) [next, gap] = [0, 0];
      gap = Math.max(gap, block.num - next);
      next = block.num - gap + 1;
      return withBlock(message, 'Block1', { ...block, num: Math.max(0, block.num - gap) });
    },
    outgoing(message) {
      const block = blockIn(message, 'Block1');
      return block === undefined ? message : withBlock(message, 'Block1', { ...block, num: block.num + gap });
    },
  };
}
