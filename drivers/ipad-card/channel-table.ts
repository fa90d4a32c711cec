/** Which logical channels are open and which of them have the ISD-R selected, as seen from outside. */
import { bytesToHex } from '../../src/protocol/asn1/index.js';
import { Ins, ISD_R_AID } from '../../src/protocol/apdu/commands.js';
import type { SeenCommand } from './seen-command.js';

const ISD_R = bytesToHex(ISD_R_AID);

export class ChannelTable {
  readonly #open = new Set<number>();
  readonly #isdr = new Set<number>();

  /** Besides the basic channel, in ascending order. */
  get open(): readonly number[] {
    return [...this.#open].sort((a, b) => a - b);
  }

  hasIsdr(channel: number): boolean {
    return this.#isdr.has(channel);
  }

  reset(): void {
    this.#open.clear();
    this.#isdr.clear();
  }

  /** @param data of the R-APDU. @param ok 9000, 91xx or 61xx. @returns the channel whose selection ended. */
  saw({ ins, p1, p2, channel, data: sent }: SeenCommand, data: Uint8Array, ok: boolean): number | undefined {
    if (!ok) return undefined;
    if (ins === Ins.SELECT) {
      if (p1 === 0x04 && bytesToHex(sent) === ISD_R) this.#isdr.add(channel);
      else this.#isdr.delete(channel);
      return channel;
    }
    if (ins !== Ins.MANAGE_CHANNEL) return undefined;
    if (p1 === 0x80) {
      const closed = p2 === 0 ? channel : p2;
      this.#open.delete(closed);
      this.#isdr.delete(closed);
      return closed;
    }
    const opened = p2 === 0 ? data[0] : p2;
    if (opened !== undefined) this.#open.add(opened);
    return undefined;
  }
}
