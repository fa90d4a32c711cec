/** A worker thread: runs a sequence on a built-in IUT of its own, with the defect that it is told. */
import { parentPort } from 'node:worker_threads';
import { runSequence } from '../../engine/run-sequence.js';
import { planRun, sessionFor, type PlannedRun } from '../run/plan-run.js';
import { targetFile } from '../load.js';
import { outcomeOf } from './outcome.js';
import { QuestionLog } from './questions.js';
import type { Pair, PairDone } from './run-pairs.js';

const plans = new Map<string, PlannedRun>();

function planOf(target: string): PlannedRun {
  const known = plans.get(target);
  if (known !== undefined) return known;
  const plan = planRun({ target: targetFile(target), filter: { ids: [] }, defects: [] });
  plans.set(target, plan);
  return plan;
}

/**
 * The IUT is new for each pair: what another sequence left behind, or does at the same time, can neither make a defect
 * visible nor hide it, and whatever the IUT asks for belongs to this sequence.
 */
async function runPair(pair: Pair): Promise<PairDone> {
  const began = performance.now();
  const { target, defect } = pair;
  const run = planOf(target);
  const sequence = run.planned.find((p) => p.sequence.id === pair.sequence)?.sequence;
  if (sequence === undefined) throw new TypeError(`${target} has no ${pair.sequence}`);
  const log = new QuestionLog();
  const session = sessionFor(
    { ...run, defects: defect === undefined ? [] : [defect] },
    { defectObserver: log },
  );
  try {
    const { result } = await runSequence(sequence, session);
    return {
      pair,
      outcome: outcomeOf(result),
      questions: log.questions,
      durationMs: performance.now() - began,
    };
  } finally {
    await session.driver.close();
  }
}

parentPort?.on('message', (pair: Pair) => {
  void runPair(pair).then(
    (done) => parentPort?.postMessage(done),
    (error: unknown) =>
      setImmediate(() => {
        // Out of the promise, so that it ends the thread and reaches the one who waits.
        throw error;
      }),
  );
});
