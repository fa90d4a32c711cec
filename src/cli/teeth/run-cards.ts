/** Shares the cards of the matrix among worker threads. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { RunRequest } from '../run/plan-run.js';
import type { CardOutcomes } from './outcome.js';

/**
 * Runs every card once, in any order.
 * @param cards names of defects; undefined is the clean card.
 * @param onDone told of each as it ends.
 * @throws whatever ended a worker.
 */
export async function runCards(
  request: RunRequest,
  cards: readonly (string | undefined)[],
  jobs: number,
  onDone: (done: CardOutcomes, count: number) => void,
): Promise<CardOutcomes[]> {
  const waiting = [...cards];
  const all: CardOutcomes[] = [];
  const suffix = extname(fileURLToPath(import.meta.url));
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(`./worker${suffix}`, import.meta.url), { workerData: request });
      const next = (): void => {
        if (waiting.length > 0) worker.postMessage(waiting.shift());
        else void worker.terminate().then(() => resolve());
      };
      worker.on('message', (done: CardOutcomes) => {
        all.push(done);
        onDone(done, all.length);
        next();
      });
      worker.on('error', reject);
      next();
    });
  await Promise.all(Array.from({ length: Math.min(jobs, cards.length) }, one));
  return all;
}
