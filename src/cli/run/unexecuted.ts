/** The result of a sequence that did not run: every planned sequence has one in the store. */
import type { Cause, SequenceResult, Verdict } from '../../engine/result.js';
import { sequenceFacts } from '../../engine/sequence-facts.js';
import type { Sequence, Suite } from '../../engine/suite.js';

/** @param cause given for a verdict that needs one (ERROR). */
export function unexecuted(
  sequence: Sequence,
  context: { readonly suite: Suite; readonly target: { readonly name: string } },
  verdict: Verdict,
  reason: string,
  cause?: Cause,
): SequenceResult {
  return {
    ...sequenceFacts(sequence, context),
    verdict,
    reason,
    problems:
      cause === undefined
        ? []
        : [{ cause, message: reason, requirements: [], clauses: [], place: sequence.place }],
    notes: [],
    interpretations: [],
    steps: [],
    startedAt: new Date().toISOString(),
    durationMs: 0,
  };
}
