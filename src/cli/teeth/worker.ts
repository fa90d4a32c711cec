/** A worker thread: runs every applicable sequence on a built-in IUT with the defect that it is told. */
import { parentPort, workerData } from 'node:worker_threads';
import { runSequence } from '../../engine/run-sequence.js';
import { planRun, sessionFor, type PlannedRun, type RunRequest } from '../run/plan-run.js';
import { outcomeOf, type CardOutcomes, type Outcome } from './outcome.js';

/** Sequences on an eIM that run at the same time. */
const AT_ONCE = 8;

const run = planRun(workerData as RunRequest);

async function onCard(defect: string | undefined): Promise<CardOutcomes> {
  const began = performance.now();
  const card: PlannedRun = { ...run, defects: defect === undefined ? [] : [defect] };
  const session = sessionFor(card);
  const outcomes: Outcome[] = [];
  try {
    const waiting = card.planned.filter((p) => p.decision.kind === 'run').map((p) => p.sequence);
    const one = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        outcomes.push(outcomeOf((await runSequence(next, session)).result));
    };
    // A defect that makes an answer stay out costs a deadline for each sequence: they are waited for together.
    const side = session.kind === 'eIM' ? AT_ONCE : 1;
    await Promise.all(Array.from({ length: side }, one));
  } finally {
    await session.driver.close();
  }
  return { defect, outcomes, durationMs: performance.now() - began };
}

parentPort?.on('message', (defect: string | undefined) => {
  void onCard(defect).then(
    (done) => parentPort?.postMessage(done),
    (error: unknown) =>
      setImmediate(() => {
        // Out of the promise, so that it ends the thread and reaches the one who waits.
        throw error;
      }),
  );
});
