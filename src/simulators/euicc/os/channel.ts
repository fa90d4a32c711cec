/** Logical channels and what is selected on each (ISO/IEC 7816-4 5.4, ETSI TS 102 221 11.1.17). */
import type { Defects } from '../defects.js';
import type { FileId } from './file-system.js';
import { Refused, SW } from './status-word.js';

export interface Channel {
  application: 'ISD-R' | 'ECASD' | undefined;
  file: FileId;
  /** Blocks of an unfinished STORE DATA chain. */
  chain: { blocks: Uint8Array[]; next: number } | undefined;
}

export class Channels {
  readonly #open = new Map<number, Channel>();
  readonly #closed = new Map<number, Channel>();

  constructor(
    private readonly limit: () => number,
    private readonly defects: Defects,
  ) {
    this.reset();
  }

  /** Only the basic channel is open after a reset. */
  reset(): void {
    this.#open.clear();
    this.#closed.clear();
    this.#open.set(0, fresh());
  }

  /** @throws {Refused} 6881 for a channel that is not open. */
  at(number: number): Channel {
    const channel = this.#open.get(number);
    if (channel === undefined) throw new Refused(SW.channelNotOpen);
    return channel;
  }

  /** @param wanted 0: the card chooses. @returns the number. @throws {Refused} 6A81 when there is none. */
  open(wanted: number): number {
    const limit = this.limit();
    let number = wanted;
    if (wanted === 0) for (number = 1; this.#open.has(number);) number++;
    if (number >= limit || this.#open.has(number)) throw new Refused(SW.notSupported, 'no channel');
    const kept = this.defects.has('channel-state-kept') ? this.#closed.get(number) : undefined;
    this.#open.set(number, kept ?? fresh());
    return number;
  }

  /** @throws {Refused} 6881 for a channel that is not open, 6A81 for the basic one. */
  close(number: number): void {
    if (number === 0) throw new Refused(SW.notSupported);
    this.#closed.set(number, this.at(number));
    this.#open.delete(number);
  }
}

const fresh = (): Channel => ({ application: undefined, file: 'MF', chain: undefined });
