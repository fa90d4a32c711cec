/** The STORE DATA commands of one ES10 function (SGP.22 5.7.2). */
import { storeDataBlocks } from '../../../protocol/apdu/commands.js';
import type { IpadDefects } from '../defects.js';

const P1 = 2;
const P2 = 3;
const LAST = 0x91;

export class StoreData {
  /** Blocks of all functions before; only a defect looks at it. */
  #sent = 0;

  constructor(private readonly defects: IpadDefects) {}

  blocks(command: Uint8Array, channel: number, blockSize: number): readonly Uint8Array[] {
    const blocks = storeDataBlocks(command, channel, blockSize);
    for (const [number, block] of blocks.entries()) {
      if (this.defects.has('every-block-is-last')) block[P1] = LAST;
      block[P2] = this.#number(number);
    }
    this.#sent += blocks.length;
    return blocks;
  }

  #number(number: number): number {
    if (this.defects.has('block-number-constant')) return 0;
    if (this.defects.has('block-number-not-reset')) return (this.#sent + number) & 0xff;
    return this.defects.has('block-number-from-one') && number > 0 ? number + 1 : number;
  }
}
