import { Status } from 'allure-js-commons';
import type { Verdict } from '../../src/engine/result.js';

const STATUS: Readonly<Record<Verdict, Status>> = {
  PASS: Status.PASSED,
  FAIL: Status.FAILED,
  INCONCLUSIVE: Status.BROKEN,
  ERROR: Status.BROKEN,
  NOT_APPLICABLE: Status.SKIPPED,
  NOT_RUN: Status.SKIPPED,
};

/** Allure knows four statuses; the true verdict is a label. */
export const allureStatus = (verdict: Verdict): Status => STATUS[verdict];
