/** The result of a sequence that did not run: every planned sequence has one in the store. */
import type { Cause, SequenceResult, Verdict } from '../../engine/result.js';
import { clausesOf } from '../../engine/run-sequence.js';
import type { Sequence, Suite } from '../../engine/suite.js';

/** @param cause given for a verdict that needs one (ERROR). */
export function unexecuted(
  sequence: Sequence,
  context: { readonly suite: Suite; readonly target: { readonly name: string } },
  verdict: Verdict,
  reason: string,
  cause?: Cause,
): SequenceResult {
  const { testCase } = sequence;
  return {
    id: sequence.id,
    testCase: testCase.id,
    nr: sequence.nr,
    title: sequence.title,
    testCaseTitle: testCase.title,
    basis: testCase.basis,
    iut: testCase.iut,
    interface: testCase.interface,
    function: testCase.function,
    provenance: sequence.provenance,
    requirements: sequence.requirements,
    clauses: clausesOf(sequence, context),
    kills: [...sequence.kills.keys()],
    target: context.target.name,
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
    place: sequence.place,
  };
}
