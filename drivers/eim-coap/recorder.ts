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
    const certificates = Array.isArray(chain) ? { certificates: String(chain.length) } : {};
    this.#add({ kind: 'tls', text: JSON.stringify({ ...others, ...certificates }) });
  }

  /** A datagram of a handshake that is made by hand. */
  dtls(direction: 'out' | 'in', datagram: Uint8Array): void {
    const text = direction === 'out' ? 'DTLS datagram sent' : 'DTLS datagram received';
    this.#add({ kind: 'note', text, bytes: datagram });
  }

  #add(event: Omit<TraceEvent, 'at'>): void {
    const full: TraceEvent = { at: performance.now() - this.#started, ...event };
    this.events.push(full);
    this.#sink?.(full);
  }
}
