/** The slot of the IPAd as a PC/SC reader. */
import { TransportError, type CardTransport } from '../../../drivers/contract.js';
import { openPcsc } from '../../../drivers/pcsc/open-pcsc.js';
import { CardGone, type CardPort } from '../../simulators/ipad/index.js';

/** @param reader name, or a glob over names. The reader is held from the first reset on, until `close`. */
export function readerCard(reader: string, deadlineMs: number): CardPort {
  let transport: CardTransport | undefined;
  const orGone = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      if (error instanceof TransportError) throw new CardGone(reader, error.message, error);
      throw error;
    }
  };
  return {
    place: reader,
    coldReset: () =>
      orGone(async () => {
        // Opening ends in a cold reset.
        if (transport !== undefined) return transport.coldReset();
        transport = await openPcsc({ reader, deadlineMs });
        return transport.atr;
      }),
    transmit: (command) =>
      orGone(async () => {
        if (transport === undefined) throw new CardGone(reader, 'no power');
        return transport.transmit(command);
      }),
    async close() {
      const open = transport;
      transport = undefined;
      await open?.close();
    },
  };
}
