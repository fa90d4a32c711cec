/** A card in this process, as one that is soldered in. */
import type { VirtualCard } from '../../virtual-card.js';
import type { CardPort } from './card-port.js';

export function builtInCard(card: VirtualCard): CardPort {
  return {
    place: 'built-in',
    async coldReset() {
      card.powerOff();
      card.powerOn();
      return card.atr();
    },
    transmit: async (command) => card.transmit(command),
    close: async () => card.powerOff(),
  };
}
