/** The events of one exchange. */
import type { TraceEvent } from '../contract.js';
import type { FactMap } from '../eim-contract.js';

export class ExchangeRecorder {
  readonly events: TraceEvent[] = [];
  readonly #started: number;
  readonly #sink: ((event: TraceEvent) => void) | undefined;

  /** @param started `performance.now()` when the channel was made. */
  constructor(started: number, sink: ((event: TraceEvent) => void) | undefined) {
    this.#started = started;
    this.#sink = sink;
  }

  coap(direction: 'out' | 'in', bytes: Uint8Array, text: string): void {
    this.#add({ kind: direction === 'out' ? 'coap-out' : 'coap-in', bytes: Uint8Array.from(bytes), text });
  }

  tls(facts: FactMap): void {
    const { chain, ...others } = facts;
    const sent = Array.isArray(chain) ? chain.length : 0;
    this.#add({ kind: 'tls', text: JSON.stringify({ ...others, certificates: String(sent) }) });
  }

  #add(event: Omit<TraceEvent, 'at'>): void {
    const full: TraceEvent = { at: performance.now() - this.#started, ...event };
    this.events.push(full);
    this.#sink?.(full);
  }
}
