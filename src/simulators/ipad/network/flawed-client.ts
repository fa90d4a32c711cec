/** The seeded defects of the CoAP message layer: messages are altered between the client and its channel. */
import {
  CoapError,
  decodeMessage,
  encodeMessage,
  type CoapMessage,
  type DatagramChannel,
} from '../../../transport/coap/index.js';
import type { IpadDefects } from '../defects.js';

/** The channel itself, when none of these defects is there. */
export function flawedClient(channel: DatagramChannel, defects: IpadDefects): DatagramChannel {
  const renumbers = defects.has('coap-new-id-in-retransmission');
  const hasty = defects.has('coap-acknowledgement-as-answer');
  if (!renumbers && !hasty) return channel;
  const sent = new Map<number, CoapMessage>();
  let shift = 0;
  return {
    async send(bytes) {
      const message = decoded(bytes);
      if (message?.type !== 'CON') return channel.send(bytes);
      const again = sent.has(message.messageId);
      sent.set(message.messageId, message);
      if (again && renumbers) shift += 0x1000;
      const messageId = (message.messageId + shift) & 0xffff;
      await channel.send(encodeMessage({ ...message, messageId }));
    },
    onMessage: (callback) =>
      channel.onMessage((bytes) => {
        const message = decoded(bytes);
        if (message === undefined) return callback(bytes);
        const own = message.type === 'ACK' || message.type === 'RST';
        const messageId = own ? (message.messageId - shift) & 0xffff : message.messageId;
        const request = sent.get(messageId);
        // An empty acknowledgement taken for the answer itself.
        if (hasty && own && message.code === '0.00' && request !== undefined)
          return callback(encodeMessage({ ...message, messageId, code: '2.04', token: request.token }));
        callback(encodeMessage({ ...message, messageId }));
      }),
    onClose: (callback) => channel.onClose(callback),
    close: () => channel.close(),
  };
}

function decoded(bytes: Uint8Array): CoapMessage | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof CoapError) return undefined;
    throw error;
  }
}
