/** The time of a listener, and its events. */
import type { TraceEvent } from '../contract.js';

export class Clock {
  readonly #started = performance.now();
  readonly #sink: ((event: TraceEvent) => void) | undefined;

  constructor(sink: ((event: TraceEvent) => void) | undefined) {
    this.#sink = sink;
  }

  /** Milliseconds since the listener was opened. */
  now(): number {
    return performance.now() - this.#started;
  }

  event(event: Omit<TraceEvent, 'at'>, at = this.now()): TraceEvent {
    const full: TraceEvent = { at, ...event };
    this.#sink?.(full);
    return full;
  }
}
