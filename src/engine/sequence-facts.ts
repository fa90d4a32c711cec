/** What is known of a sequence before it runs, as it stands in its result. */
import type { SequenceResult } from './result.js';
import type { Sequence, Suite } from './suite.js';

export type SequenceFacts = Omit<
  SequenceResult,
  'verdict' | 'reason' | 'problems' | 'notes' | 'interpretations' | 'steps' | 'startedAt' | 'durationMs'
>;

export function sequenceFacts(
  sequence: Sequence,
  context: { readonly suite: Suite; readonly target: { readonly name: string } },
): SequenceFacts {
  const { testCase } = sequence;
  const clauses = sequence.requirements.map((id) => context.suite.requirements.get(id)?.clause ?? id);
  return {
    id: sequence.id,
    testCase: testCase.id,
    nr: sequence.nr,
    title: sequence.title,
    testCaseTitle: testCase.title,
    ...(sequence.purpose === undefined ? {} : { purpose: sequence.purpose }),
    basis: testCase.basis,
    iut: testCase.iut,
    interface: testCase.interface,
    function: testCase.function,
    provenance: sequence.provenance,
    requirements: sequence.requirements,
    clauses: [...new Set(clauses)],
    kills: [...sequence.kills.keys()],
    target: context.target.name,
    place: sequence.place,
  };
}
