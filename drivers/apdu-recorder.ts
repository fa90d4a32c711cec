/** Writes down what goes over a card transport: the events of one request, and the stream of all of them. */
import { describeApdu, describeStatusWord } from '../src/protocol/apdu/describe.js';
import { TransportError, type CardTransport, type TraceEvent } from './contract.js';

export type TraceSink = (event: TraceEvent) => void;

export class ApduRecorder {
  readonly #start = performance.now();
  readonly #sink: TraceSink | undefined;
  #events: TraceEvent[] = [];

  constructor(sink?: TraceSink) {
    this.#sink = sink;
  }

  /** Begins a new request; what was recorded before stays with the request before. */
  begin(): readonly TraceEvent[] {
    this.#events = [];
    return this.#events;
  }

  note(text: string): void {
    this.#add({ kind: 'note', text });
  }

  /** One C-APDU and its R-APDU, both recorded; a transport error leaves with the trace so far. */
  async transmit(transport: CardTransport, command: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    this.#add({ kind: 'c-apdu', bytes: command, text: describeApdu(command) });
    const answer = await this.#traced(() => transport.transmit(command, signal));
    const [sw1, sw2] = answer.subarray(-2);
    const text =
      sw1 === undefined || sw2 === undefined ? 'malformed R-APDU' : describeStatusWord((sw1 << 8) | sw2);
    this.#add({ kind: 'r-apdu', bytes: answer, text });
    return answer;
  }

  async coldReset(transport: CardTransport, signal?: AbortSignal): Promise<Uint8Array> {
    const atr = await this.#traced(() => transport.coldReset(signal));
    this.#add({ kind: 'reset', bytes: atr, text: `cold reset, ${transport.protocol}` });
    return atr;
  }

  async #traced<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof TransportError) {
        this.note(`${error.code}: ${error.message}`);
        error.events = this.#events;
      }
      throw error;
    }
  }

  #add(event: Omit<TraceEvent, 'at'>): void {
    const full: TraceEvent = { at: performance.now() - this.#start, ...event };
    this.#events.push(full);
    this.#sink?.(full);
  }
}
