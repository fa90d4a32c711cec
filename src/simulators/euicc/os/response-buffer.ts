/** How an answer leaves the card in either protocol: at once, by 61xx and GET RESPONSE, or after 6Cxx. */
import { concat } from '../../../protocol/asn1/index.js';
import { Refused, SW, statusBytes } from './status-word.js';

/** What GET RESPONSE can still fetch. */
interface Waiting {
  readonly channel: number;
  rest: Uint8Array;
}

const MOST = 256;

export class ResponseBuffer {
  #waiting: Waiting | undefined;

  get isEmpty(): boolean {
    return this.#waiting === undefined;
  }

  clear(): void {
    this.#waiting = undefined;
  }

  /** T=0 case 4, and any case 4 without Le: everything waits. */
  hold(channel: number, data: Uint8Array): Uint8Array {
    this.#waiting = { channel, rest: data };
    return statusBytes(0x6100 | (Math.min(data.length, MOST) % MOST));
  }

  /** T=1: the first `le` bytes at once. @param end status word after the last byte. */
  give(channel: number, data: Uint8Array, le: number, end: () => number): Uint8Array {
    this.#waiting = { channel, rest: data };
    return this.#next(le, end);
  }

  /** @throws {Refused} 6985 when nothing waits on this channel, 6Cxx for an Le above what waits (T=0). */
  getResponse(channel: number, le: number, exact: boolean, end: () => number): Uint8Array {
    const waiting = this.#waiting;
    if (waiting === undefined || waiting.channel !== channel) throw new Refused(SW.conditionsNotSatisfied);
    if (exact && le > waiting.rest.length) throw new Refused(0x6c00 | (waiting.rest.length % MOST));
    return this.#next(le, end);
  }

  #next(le: number, end: () => number): Uint8Array {
    const waiting = this.#waiting as Waiting;
    const part = waiting.rest.subarray(0, le);
    const rest = waiting.rest.subarray(part.length);
    if (rest.length > 0) {
      waiting.rest = rest;
      return concat([part, statusBytes(0x6100 | (Math.min(rest.length, MOST) % MOST))]);
    }
    this.#waiting = undefined;
    return concat([part, statusBytes(end())]);
  }
}
