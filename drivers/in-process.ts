/** A card in this very process, without a reader: the shortest way from the engine to S_eUICC. */
import { protocolOfAtr } from '../src/protocol/apdu/atr.js';
import type { VirtualCard } from '../src/simulators/virtual-card.js';
import { TransportError, type CardTransport } from './contract.js';

/** Powers the card on and wraps it as a transport; an aborted signal is honoured before each exchange. */
export function inProcessTransport(card: VirtualCard): CardTransport {
  card.powerOn();
  let atr = card.atr();
  return {
    name: 'in-process',
    binding: 'in-process',
    get atr() {
      return atr;
    },
    get protocol() {
      return protocolOfAtr(atr);
    },
    async transmit(command, signal) {
      refuseIfAborted(signal);
      return card.transmit(command);
    },
    async coldReset(signal) {
      refuseIfAborted(signal);
      card.powerOff();
      card.powerOn();
      atr = card.atr();
      return atr;
    },
    async close() {
      card.powerOff();
    },
  };
}

function refuseIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted === true)
    throw new TransportError('aborted', 'The exchange was aborted', { place: 'in-process' });
}
