/** A server of ours, and a peer made by hand at the other end. */
import { onTestFinished } from 'vitest';
import {
  CoapServer,
  type CoapHandler,
  type CoapMessage,
  type CoapServerOptions,
  type CoapServerRequest,
} from '../../../src/transport/coap/index.js';
import { option } from '../../../src/transport/coap/options.js';
import { bytesOf, channelPair, messageOf, scriptedPeer, type ScriptedPeer } from './channels.js';

export const FAST = { ackTimeoutMs: 20, ackRandomFactor: 1, maxRetransmit: 3 };
export interface Scene {
  peer: ScriptedPeer;
  requests: CoapServerRequest[];
  server: CoapServer;
}

export function scene(
  handler: CoapHandler = async () => ({ code: '2.04' }),
  options: CoapServerOptions = {},
): Scene {
  const pair = channelPair();
  const requests: CoapServerRequest[] = [];
  const server = new CoapServer(
    pair.b,
    (request) => {
      requests.push(request);
      return handler(request);
    },
    { ...FAST, ...options },
  );
  onTestFinished(() => server.close());
  return { peer: scriptedPeer(pair.a), requests, server };
}

export const token = bytesOf('tk');
export const post = (parts: Partial<CoapMessage> = {}): CoapMessage =>
  messageOf({ code: '0.02', token, options: [option('Uri-Path', 'x')], ...parts });
export const value = (message: CoapMessage, number: number): string | undefined => {
  const found = message.options.find((one) => one.number === number);
  return found === undefined ? undefined : Buffer.from(found.value).toString('hex');
};
