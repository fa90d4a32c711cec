/** What a device did at its card, in short. */
import type { WatchedCard } from '../../../drivers/ipad-contract.js';
import { hex } from '../euicc/terminal.js';

/** All commands until now, GET RESPONSE left out: the name of an APDU, or the beginning of an ES10 request. */
export async function commandsOf(card: WatchedCard, length = 16): Promise<string[]> {
  const seen: string[] = [];
  for (let next = await card.next(0); next !== undefined; next = await card.next(0)) {
    const { name } = next.facts;
    if (next.kind === 'es10') seen.push(hex(next.command).slice(0, length));
    else if (name !== 'GET RESPONSE') seen.push(typeof name === 'string' ? name : next.kind);
  }
  return seen;
}
