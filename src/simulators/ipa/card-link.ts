/** The way from S_IPA to a card in the same process: TERMINAL CAPABILITY, a channel, the ISD-R, STORE DATA. */
import {
  ISD_R_AID,
  manageChannelOpen,
  select,
  storeDataBlocks,
  terminalCapability,
} from '../../protocol/apdu/commands.js';
import { exchangeChained, isCarriedOut, type ChainedResponse } from '../../protocol/apdu/exchange.js';
import type { VirtualCard } from '../virtual-card.js';
import { StatusWordError, type IpaOptions } from './options.js';

/**
 * Powers the card on at its first use.
 * @returns what {@link IpaOptions} wants of a card.
 */
export function linkCard(
  card: VirtualCard,
  protocol: 'T=0' | 'T=1' = 'T=0',
): Pick<IpaOptions, 'es10' | 'reset'> {
  let channel: number | undefined;
  const send = (command: Uint8Array, case4: boolean): Promise<ChainedResponse> =>
    exchangeChained(async (apdu) => card.transmit(apdu), command, { protocol, case4 });
  const carriedOut = async (command: Uint8Array, case4: boolean): Promise<Uint8Array> => {
    const { data, sw } = await send(command, case4);
    if (!isCarriedOut(sw)) throw new StatusWordError(sw);
    return data;
  };
  const reset = async (): Promise<void> => {
    channel = undefined;
    card.powerOff();
    card.powerOn();
    await send(terminalCapability(), false);
    const opened = (await carriedOut(manageChannelOpen(), false))[0] ?? 1;
    await carriedOut(select(ISD_R_AID, { channel: opened }), true);
    channel = opened;
  };
  return {
    reset,
    es10: async (command) => {
      if (channel === undefined) await reset();
      let answer: Uint8Array = new Uint8Array(0);
      for (const block of storeDataBlocks(command, channel ?? 1)) answer = await carriedOut(block, true);
      return answer;
    },
  };
}
