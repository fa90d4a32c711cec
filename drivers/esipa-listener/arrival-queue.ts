/** What arrived and was not taken yet: bounded in number and bytes, in order. */
import { TransportError } from '../contract.js';
import type { ListenerArrival } from '../ipad-contract.js';
import type { ListenerLimits } from './options.js';

/** Counted for an arrival besides its bytes. */
const OVERHEAD = 1024;

interface Taker {
  readonly take: (arrival: ListenerArrival | undefined) => void;
  readonly fail: (error: Error) => void;
}

export class ArrivalQueue {
  readonly #limits: Pick<ListenerLimits, 'arrivals' | 'bytes'>;
  readonly #waiting: { readonly arrival: ListenerArrival; readonly size: number }[] = [];
  readonly #takers = new Set<Taker>();
  #bytes = 0;
  #closed = false;
  #failure: Error | undefined;

  constructor(limits: Pick<ListenerLimits, 'arrivals' | 'bytes'>) {
    this.#limits = limits;
  }

  /** Sets bytes aside for a request that is being read. @returns false when there is no room. */
  reserve(bytes: number): boolean {
    if (this.#bytes + bytes > this.#limits.bytes) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** @returns false when there is no room for it: it is as if it had not been. */
  push(arrival: ListenerArrival): boolean {
    if (this.#closed) return false;
    for (const { take } of this.#takers) {
      take(arrival);
      return true;
    }
    const size = OVERHEAD + sizeOf(arrival);
    if (this.#waiting.length >= this.#limits.arrivals || !this.reserve(size)) return false;
    this.#waiting.push({ arrival, size });
    return true;
  }

  /** As {@link EsipaListener.next}. */
  next(deadlineMs: number, signal?: AbortSignal): Promise<ListenerArrival | undefined> {
    if (signal?.aborted === true) return Promise.reject(aborted());
    const first = this.#waiting.shift();
    if (first !== undefined) {
      this.#bytes -= first.size;
      return Promise.resolve(first.arrival);
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closed || deadlineMs <= 0) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#takers.delete(taker);
        signal?.removeEventListener('abort', abort);
      };
      const taker: Taker = {
        take: (arrival) => {
          end();
          resolve(arrival);
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      const abort = (): void => taker.fail(aborted());
      const timer = setTimeout(() => taker.take(undefined), deadlineMs);
      signal?.addEventListener('abort', abort, { once: true });
      this.#takers.add(taker);
    });
  }

  clear(): void {
    for (const { size } of this.#waiting.splice(0)) this.#bytes -= size;
  }

  /** Nothing can arrive any more: whoever waits, now and later, is told why when all that arrived is taken. */
  fail(error: Error): void {
    if (this.#closed) return;
    this.#failure ??= error;
    for (const { fail } of [...this.#takers]) fail(error);
  }

  /** Whoever waits gets nothing, and nothing arrives any more. */
  close(): void {
    this.#closed = true;
    this.clear();
    for (const { take } of [...this.#takers]) take(undefined);
  }
}

function sizeOf(arrival: ListenerArrival): number {
  const data = 'data' in arrival ? arrival.data.length : 0;
  return arrival.events.reduce((sum, event) => sum + (event.bytes?.length ?? 0), data);
}

const aborted = (): TransportError =>
  new TransportError('aborted', 'the wait for a message of the IPAd was aborted');
