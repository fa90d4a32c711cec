/** Shares pairs of a defect and a sequence among worker threads. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Outcome } from './outcome.js';
import type { Questions } from './questions.js';

/** A sequence to be run on a built-in target with one seeded defect; undefined: without any. */
export interface Pair {
  readonly target: string;
  readonly sequence: string;
  readonly defect: string | undefined;
  /** Its IUT is a process of its own, or starts one. */
  readonly heavy?: boolean;
}

export interface PairDone {
  readonly pair: Pair;
  readonly outcome: Outcome;
  readonly questions: Questions;
  readonly durationMs: number;
}

/** Pairs that a thread has under way: one that waits for an answer that stays out leaves the processor to the others. */
const AT_ONCE = 8;
/** Of them those that are heavy: processes that start at the same time delay each other beyond the deadlines. */
const HEAVY_AT_ONCE = 2;

/** Milliseconds after which a pair hangs: more than the deadlines of a sequence and of its way back together. */
const HANGS_AFTER = 330_000;

/** Threads that stay from one list of pairs to the next, with the suite in memory. */
export class PairRunner {
  readonly #workers: Worker[];

  constructor(jobs: number) {
    const suffix = extname(fileURLToPath(import.meta.url));
    this.#workers = Array.from(
      { length: jobs },
      () => new Worker(new URL(`./worker${suffix}`, import.meta.url)),
    );
  }

  /**
   * Runs every pair once, about in the order given.
   * @param onDone told of each as it ends.
   * @param atOnce so many in each thread.
   * @throws whatever ended a worker.
   */
  async run(
    pairs: readonly Pair[],
    onDone: (done: PairDone) => void,
    atOnce: number = AT_ONCE,
  ): Promise<void> {
    const waiting = new Waiting(pairs);
    await Promise.all(this.#workers.map((worker) => share(worker, waiting, onDone, atOnce)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** Heavy ones first, as far as they may; what takes little time runs beside them. */
class Waiting {
  readonly #heavy: Iterator<Pair>;
  readonly #light: Iterator<Pair>;

  constructor(pairs: readonly Pair[]) {
    this.#heavy = pairs.filter((p) => p.heavy === true).values();
    this.#light = pairs.filter((p) => p.heavy !== true).values();
  }

  next(heavyToo: boolean): Pair | undefined {
    const heavy = heavyToo ? valueOf(this.#heavy.next()) : undefined;
    return heavy ?? valueOf(this.#light.next());
  }
}

const valueOf = (next: IteratorResult<Pair, unknown>): Pair | undefined =>
  next.done === true ? undefined : next.value;

/** Keeps a thread busy until nothing waits any more. */
function share(
  worker: Worker,
  waiting: Waiting,
  onDone: (done: PairDone) => void,
  atOnce: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let heavy = 0;
    const underWay = new Map<string, NodeJS.Timeout>();
    const fill = (): void => {
      while (underWay.size < atOnce) {
        const pair = waiting.next(heavy < HEAVY_AT_ONCE);
        if (pair === undefined) break;
        const hangs = setTimeout(() => took(withoutEnd(pair)), HANGS_AFTER);
        underWay.set(nameOf(pair), hangs.unref());
        if (pair.heavy === true) heavy++;
        worker.postMessage(pair);
      }
      if (underWay.size > 0) return;
      worker.off('message', took);
      worker.off('error', reject);
      resolve();
    };
    const took = (done: PairDone): void => {
      clearTimeout(underWay.get(nameOf(done.pair)));
      // One that was given up may still come.
      if (!underWay.delete(nameOf(done.pair))) return;
      if (done.pair.heavy === true) heavy--;
      onDone(done);
      fill();
    };
    worker.on('message', took);
    worker.on('error', reject);
    fill();
  });
}

const nameOf = ({ target, sequence, defect }: Pair): string => `${target} ${sequence} ${defect ?? ''}`;

const withoutEnd = (pair: Pair): PairDone => ({
  pair,
  outcome: {
    id: pair.sequence,
    verdict: 'ERROR',
    cause: 'tool',
    requirements: [],
    message: `no end after ${HANGS_AFTER / 1000} s`,
  },
  questions: { watched: [], asked: [] },
  durationMs: HANGS_AFTER,
});
