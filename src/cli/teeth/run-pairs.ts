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
}

export interface PairDone {
  readonly pair: Pair;
  readonly outcome: Outcome;
  readonly questions: Questions;
  readonly durationMs: number;
}

/** Pairs that a thread has under way: one that waits for an answer that stays out leaves the processor to the others. */
const AT_ONCE = 8;

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
   * @throws whatever ended a worker.
   */
  async run(pairs: readonly Pair[], onDone: (done: PairDone) => void): Promise<void> {
    const waiting = pairs.values();
    await Promise.all(this.#workers.map((worker) => this.#share(worker, waiting, onDone)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #share(worker: Worker, waiting: Iterator<Pair>, onDone: (done: PairDone) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let underWay = 0;
      const fill = (): void => {
        while (underWay < AT_ONCE) {
          const next = waiting.next();
          if (next.done === true) break;
          underWay++;
          worker.postMessage(next.value);
        }
        if (underWay > 0) return;
        worker.off('message', took);
        worker.off('error', reject);
        resolve();
      };
      const took = (done: PairDone): void => {
        underWay--;
        onDone(done);
        fill();
      };
      worker.on('message', took);
      worker.on('error', reject);
      fill();
    });
  }
}
