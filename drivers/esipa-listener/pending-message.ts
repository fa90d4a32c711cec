/** A message that waits for its answer: it gets one, whatever becomes of the sequence that should give it. */
import type { TraceEvent } from '../contract.js';
import { Sgp33Error } from '../../src/protocol/errors.js';
import type { EsipaArrival, EsipaReply, ReplyOutcome } from '../ipad-contract.js';

/** The way back to the IPAd, of one transport. */
export interface Answering {
  /**
   * Looks whether the reply can be given, and returns the function that gives it.
   * @throws {Sgp33Error} `not-in-json`.
   */
  prepare(reply: EsipaReply): () => Promise<ReplyOutcome>;
  /** Refuses it: nobody answers. */
  refuse(): void;
  /** An event of this message, for a reply that can not be given any more. */
  note(text: string): TraceEvent;
}

export class PendingMessage {
  readonly arrival: EsipaArrival;
  readonly #answering: Answering;
  readonly #timer: NodeJS.Timeout;
  #state: 'waiting' | 'answered' | 'refused' | 'gone' = 'waiting';

  /** @param deadlineMs after which it is refused. */
  constructor(facts: Omit<EsipaArrival, 'kind' | 'reply'>, answering: Answering, deadlineMs: number) {
    this.#answering = answering;
    this.arrival = { kind: 'message', ...facts, reply: (reply) => this.#reply(reply) };
    this.#timer = setTimeout(() => this.refuse(), deadlineMs);
  }

  get waiting(): boolean {
    return this.#state === 'waiting';
  }

  /** Nobody answers it any more. */
  refuse(): void {
    if (!this.#settle('refused')) return;
    this.#answering.refuse();
  }

  /** The IPAd is gone. */
  gone(): void {
    this.#settle('gone');
  }

  async #reply(reply: EsipaReply): Promise<ReplyOutcome> {
    if (this.#state === 'answered')
      throw new Sgp33Error('listener-answered', 'A message of the IPAd is answered once', {
        actual: 'a second answer',
      });
    if (this.#state !== 'waiting') {
      const why = this.#state === 'gone' ? 'the IPAd has closed the connection' : 'it was refused before';
      return { events: [this.#answering.note(`nothing was answered: ${why}`)], facts: {} };
    }
    const send = this.#answering.prepare(reply);
    this.#settle('answered');
    return send();
  }

  #settle(state: 'answered' | 'refused' | 'gone'): boolean {
    if (this.#state !== 'waiting') return false;
    this.#state = state;
    clearTimeout(this.#timer);
    return true;
  }
}
