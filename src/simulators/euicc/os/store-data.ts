/** STORE DATA: the blocks of one ES10 request (SGP.22 5.7.2, GlobalPlatform 11.11). */
import { concat } from '../../../protocol/asn1/index.js';
import type { Defects } from '../defects.js';
import type { Channel } from './channel.js';
import type { CommandApdu } from './command-apdu.js';
import { Refused, SW } from './status-word.js';

const MORE = 0x11;
const LAST = 0x91;

/**
 * Takes one block. Block 00 starts anew, whatever was there.
 * @returns the whole request after its last block, else undefined.
 * @throws {Refused} 6A86 for a wrong P1 or block number, 6985 for a block in the middle without its beginning,
 *   6700 without data.
 */
export function takeBlock(
  channel: Channel,
  { p1, p2, data }: CommandApdu,
  defects: Defects,
): Uint8Array | undefined {
  const chain = p2 === 0 ? { blocks: [], next: 0 } : channel.chain;
  channel.chain = undefined;
  if (p1 !== MORE && p1 !== LAST) throw new Refused(SW.wrongP1P2);
  if (data.length === 0) throw new Refused(SW.wrongLength);
  if (chain === undefined) throw new Refused(SW.conditionsNotSatisfied);
  if (p2 !== chain.next && !defects.has('block-number-ignored')) throw new Refused(SW.wrongP1P2);
  chain.blocks.push(data.slice());
  // Block numbers end at FF: 65280 bytes are the most.
  chain.next = p2 + 1;
  if (p1 === LAST) return concat(chain.blocks);
  if (defects.has('multi-block-request-refused')) throw new Refused(SW.wrongP1P2);
  channel.chain = chain;
  return undefined;
}
