/** A worker thread: runs every applicable sequence on an in-process eUICC with the defect that it is told. */
import { parentPort, workerData } from 'node:worker_threads';
import { runSequence } from '../../engine/run-sequence.js';
import { planRun, sessionFor, type PlannedRun, type RunRequest } from '../run/plan-run.js';
import { outcomeOf, type CardOutcomes, type Outcome } from './outcome.js';

const run = planRun(workerData as RunRequest);

async function onCard(defect: string | undefined): Promise<CardOutcomes> {
  const began = performance.now();
  const card: PlannedRun = { ...run, defects: defect === undefined ? [] : [defect] };
  const session = sessionFor(card);
  const outcomes: Outcome[] = [];
  try {
    for (const { sequence, decision } of card.planned)
      if (decision.kind === 'run') outcomes.push(outcomeOf((await runSequence(sequence, session)).result));
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
