/** Answers that the card gives in place of its own. */
import { Sgp33Error } from '../../src/protocol/errors.js';
import { bytesToHex } from '../../src/protocol/asn1/index.js';
import type { CardFault } from '../ipad-contract.js';
import { tagLength } from './es10-assembler.js';

export type FaultKind = 'sw' | 'response' | 'mute' | 'removed';

/** In place of a tag: the selection of the ISD-R. */
const SELECTION = 'SELECT';

interface Waiting {
  readonly fault: CardFault;
  left: number;
}

export class CardFaults {
  #waiting: Waiting[] = [];

  /** @throws {Sgp33Error} `card-fault`; then those that were there stay. */
  replace(faults: readonly CardFault[]): void {
    for (const fault of faults) check(fault);
    this.#waiting = faults.map((fault) => ({ fault, left: fault.times ?? 1 }));
  }

  /** The fault for this request, which is used up a little. The first that fits is taken. */
  take(request: Uint8Array): CardFault | undefined {
    const tag = bytesToHex(request.subarray(0, tagLength(request)));
    return this.#first((name) => name === '*' || name.toUpperCase() === tag);
  }

  /** The same for the selection of an application. */
  takeSelection(): CardFault | undefined {
    return this.#first((name) => name === SELECTION);
  }

  #first(fits: (name: string) => boolean): CardFault | undefined {
    const found = this.#waiting.find(({ fault }) => fits(fault.function));
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left < 1) this.#waiting.splice(this.#waiting.indexOf(found), 1);
    return found.fault;
  }
}

export const kindOf = ({ sw, response }: CardFault): FaultKind =>
  response !== undefined ? 'response' : sw === 'mute' || sw === 'removed' ? sw : 'sw';

function check({ function: tag, sw, response, times }: CardFault): void {
  const wrong = (what: string, expected: string, actual: string): Sgp33Error =>
    new Sgp33Error('card-fault', what, { expected, actual });
  if (tag !== SELECTION && !/^(\*|([0-9A-Fa-f]{2}){1,3})$/.test(tag))
    throw wrong('not the tag of an ES10 function', 'hex such as BF51, SELECT, or *', tag);
  if ((sw === undefined) === (response === undefined))
    throw wrong('a fault has one answer', 'sw or response', sw === undefined ? 'none' : 'both');
  if (sw !== undefined && !/^([0-9A-Fa-f]{4}|mute|removed)$/.test(sw))
    throw wrong('not an answer of a card', 'four hex digits, mute or removed', sw);
  if (times !== undefined && !(Number.isInteger(times) && times > 0))
    throw wrong('a fault happens a whole number of times', '1 or more', String(times));
}
