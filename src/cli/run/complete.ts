/** Brings the store to its end: every planned sequence has a result, and run.json the counts. */
import { AllureResults } from '../../../reports/index.js';
import { countVerdicts, type RunCounts, type RunInfo, type SequenceResult } from '../../engine/result.js';
import type { RunStore } from '../../engine/run-store.js';
import type { Execution } from './execute.js';
import type { PlannedRun } from './plan-run.js';
import { unexecuted } from './unexecuted.js';

export interface Completed {
  readonly results: readonly SequenceResult[];
  readonly counts: RunCounts;
}

/**
 * Adds what the worker could not write: NOT_RUN after an interruption, ERROR for the sequence in which it died.
 * @throws {Sgp33Error} `run-store`, `report-write`.
 */
export function complete(
  store: RunStore,
  run: PlannedRun,
  { reporter, interrupted }: Execution,
  allureResults: string,
  info: RunInfo,
): Completed {
  const present = new Set(store.results().map((r) => r.id));
  const missing = run.planned.filter((p) => !present.has(p.sequence.id));
  const fault = reporter.faults[0] ?? 'the worker ended';
  const added = missing.map(({ sequence }, i) =>
    interrupted
      ? unexecuted(sequence, run, 'NOT_RUN', 'the run was interrupted')
      : i === 0
        ? unexecuted(sequence, run, 'ERROR', fault, 'tool')
        : unexecuted(sequence, run, 'NOT_RUN', 'the worker ended before'),
  );
  if (added.length > 0) {
    const allure = new AllureResults(allureResults, info);
    for (const result of added) {
      store.append(result, []);
      allure.add({ run: info, result, timeline: [] });
    }
  }
  store.sync();
  const results = store.results();
  const counts = countVerdicts(results.map((r) => r.verdict));
  store.writeInfo({ ...info, finishedAt: new Date().toISOString(), counts });
  return { results, counts };
}
