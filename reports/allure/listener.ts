/** Puts the stored verdict in place of what the test framework made up. Needed in both adapters. */
import type { TestResult } from 'allure-js-commons';
import { Stage, Status } from 'allure-js-commons';
import type { LifecycleListener } from 'allure-js-commons/sdk/reporter';
import { FACTS_LABEL, type TestFacts } from './calls.js';

/** Facts about the machine and the framework, which say nothing about the IUT and differ from run to run. */
const FRAMEWORK_LABELS = new Set([
  'host',
  'thread',
  'package',
  'framework',
  'language',
  '_fallbackTestCaseId',
]);

/** Give this to the reporter's `listeners`. Results that are not ours (no facts) stay as they are. */
export const storedVerdictListener: LifecycleListener = {
  beforeTestResultWrite(result) {
    const at = result.labels.findIndex((l) => l.name === FACTS_LABEL);
    const carrier = result.labels[at];
    if (carrier === undefined) return;
    // Suites that vitest named stand before the facts, ours behind them.
    const own = result.labels.filter((l, i) => i > at || !/suite$/i.test(l.name));
    result.labels = own.filter((l) => l.name !== FACTS_LABEL && !FRAMEWORK_LABELS.has(l.name));
    apply(result, JSON.parse(carrier.value) as TestFacts);
  },
};

function apply(result: TestResult, facts: TestFacts): void {
  result.fullName = facts.fullName;
  result.titlePath = [...facts.titlePath];
  result.start = facts.start;
  result.stop = facts.stop;
  result.stage = Stage.FINISHED;
  // A hook that broke after the verdict is the tool's own fault and must not vanish behind a PASS.
  if (
    facts.status === Status.PASSED &&
    (result.status === Status.FAILED || result.status === Status.BROKEN)
  ) {
    result.status = Status.BROKEN;
    return;
  }
  result.status = facts.status;
  result.statusDetails = { ...facts.details };
}
