/** What a sequence did on one card of the matrix. */
import type { Cause, SequenceResult, Verdict } from '../../engine/result.js';

export interface Outcome {
  readonly id: string;
  readonly verdict: Verdict;
  /** Of the problem that decided the verdict. */
  readonly cause?: Cause;
  readonly requirements: readonly string[];
  readonly message?: string;
  /** `suites/...yaml:12` of that problem. */
  readonly place?: string;
}

/** What was seen with one defect; `defect` undefined: on the clean IUT. */
export interface CardOutcomes {
  readonly defect: string | undefined;
  /** Of the sequences that were run on it. */
  readonly outcomes: readonly Outcome[];
  /** Summed up over them. */
  readonly durationMs: number;
}

export function outcomeOf(result: SequenceResult): Outcome {
  const [problem] = result.problems;
  const { id, verdict } = result;
  if (problem === undefined) return { id, verdict, requirements: [] };
  return {
    id,
    verdict,
    cause: problem.cause,
    requirements: problem.requirements,
    message: problem.message,
    place: `${problem.place.file}:${problem.place.line}`,
  };
}

/** A kill counts only at a step that has a requirement. */
export const isKill = (o: Outcome | undefined): boolean => o?.verdict === 'FAIL' && o.requirements.length > 0;
