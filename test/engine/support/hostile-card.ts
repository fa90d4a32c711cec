/** A built-in eUICC whose answers are replaced once it turns: the card behaves until its state was read. */
import { TransportError, type CardTransport } from '../../../drivers/contract.js';
import { inProcessTransport } from '../../../drivers/in-process.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';

export type Answer = (command: Uint8Array, honest: Uint8Array) => Uint8Array;

export class HostileCard implements CardTransport {
  readonly name = 'hostile';
  readonly binding = 'in-process';
  /** Commands that were answered since it turned. */
  answered = 0;
  #answer: Answer | undefined;
  readonly #card = inProcessTransport(createEuicc());

  turn(answer: Answer | undefined): void {
    this.#answer = answer;
    this.answered = 0;
  }

  get atr(): Uint8Array {
    return this.#card.atr;
  }

  get protocol(): 'T=0' | 'T=1' {
    return this.#card.protocol;
  }

  async transmit(command: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const honest = await this.#card.transmit(command, signal);
    if (this.#answer === undefined) return honest;
    this.answered += 1;
    return this.#answer(command, honest);
  }

  coldReset(signal?: AbortSignal): Promise<Uint8Array> {
    return this.#card.coldReset(signal);
  }

  close(): Promise<void> {
    return this.#card.close();
  }
}

export const silent: Answer = () => {
  throw new TransportError('timeout', 'no answer within the deadline');
};

/** Bytes that look random, the same in every run. */
export function pseudoRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}
