/** A client of ours, and a peer made by hand at the other end. */
import { onTestFinished } from 'vitest';
import { CoapClient, type CoapClientOptions, type CoapMessage } from '../../../src/transport/coap/index.js';
import { channelPair, scriptedPeer, type ChannelPair, type ScriptedPeer } from './channels.js';

/** No retransmission, however busy the machine is. */
export const CALM = { ackTimeoutMs: 10_000, ackRandomFactor: 1, countAnswersMs: 60 };
/** For tests that wait for retransmissions, or for their end. */
export const FAST = { ackTimeoutMs: 20, ackRandomFactor: 1, maxRetransmit: 3 };

export interface Scene {
  client: CoapClient;
  peer: ScriptedPeer;
  pair: ChannelPair;
}

export function scene(
  onMessage: (message: CoapMessage, peer: ScriptedPeer) => void,
  options: CoapClientOptions = CALM,
  lost?: Parameters<typeof channelPair>[0],
): Scene {
  const pair = channelPair(lost);
  const client = new CoapClient(pair.a, options);
  onTestFinished(() => client.close());
  return { client, peer: scriptedPeer(pair.b, onMessage), pair };
}

export const POST = { code: '0.02', path: 'x' };
