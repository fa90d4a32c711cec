/** vitest's events as lines on the terminal. */
import type { Reporter, TestCase } from 'vitest/node';
import type { Verdict } from '../../engine/result.js';
import { print } from '../output.js';
import type {} from './handover.js';

/** What vitest says of an error that is no sequence's. */
export type RunFault = string;

export class ProgressReporter implements Reporter {
  /** Trouble outside of a sequence: the worker died, its file did not load. */
  readonly faults: RunFault[] = [];
  readonly verdicts = new Map<string, Verdict>();

  onTestCaseResult(test: TestCase): void {
    const meta = test.meta().sgp33;
    if (meta === undefined) {
      this.faults.push(...(test.result().errors ?? []).map((e) => `${test.name}: ${e.stack ?? e.message}`));
      return;
    }
    this.verdicts.set(test.name, meta.verdict);
    print(meta.progress);
    if (meta.failure !== '') print(meta.failure);
    // The sequence is in the store, but what came after it went wrong: its report is missing.
    if (meta.verdict === 'PASS')
      this.faults.push(...(test.result().errors ?? []).map((e) => `${test.name}: ${e.message}`));
  }

  onTestRunEnd(
    modules: Parameters<NonNullable<Reporter['onTestRunEnd']>>[0],
    errors: Parameters<NonNullable<Reporter['onTestRunEnd']>>[1],
  ): void {
    for (const error of [...errors, ...modules.flatMap((m) => m.errors())])
      this.faults.push(error.stack ?? error.message);
  }
}
