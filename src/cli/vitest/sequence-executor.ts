/** One planned sequence after the other on one IUT, with what stops a run before its end. */
import { setImmediate } from 'node:timers/promises';
import type { Planned } from '../../engine/plan.js';
import type { SequenceResult } from '../../engine/result.js';
import { runSequence, type AnySession, type SequenceRun } from '../../engine/run-sequence.js';
import type { PlannedRun } from '../run/plan-run.js';
import { unexecuted } from '../run/unexecuted.js';

/** So many sequences in a row without an answer, and nobody waits any longer. */
const PATIENCE = 3;

export class SequenceExecutor {
  readonly #run: PlannedRun;
  readonly #session: AnySession;
  readonly #interruption: AbortSignal;
  #silent = 0;

  /** @param interruption ends the running sequence; those after it are NOT_RUN. */
  constructor(run: PlannedRun, session: AnySession, interruption: AbortSignal) {
    this.#run = run;
    this.#session = session;
    this.#interruption = interruption;
  }

  /** Never rejects for anything that the IUT does. */
  async execute({ sequence, decision }: Planned): Promise<SequenceRun> {
    if (decision.kind === 'not-applicable') return this.#without(sequence, 'NOT_APPLICABLE', decision.reason);
    if (decision.kind === 'not-run') return this.#without(sequence, 'NOT_RUN', decision.reason);
    // A card in this process never waits for anything: without this no signal would be noticed.
    await setImmediate();
    if (this.#interruption.aborted) return this.#without(sequence, 'NOT_RUN', 'the run was interrupted');
    if (this.#silent >= PATIENCE)
      return this.#without(sequence, 'NOT_RUN', `the IUT gave no answer in ${PATIENCE} sequences before`);
    const ran = await runSequence(sequence, this.#session, this.#interruption);
    this.#silent = gaveNoAnswer(ran.result) ? this.#silent + 1 : 0;
    if (ran.result.verdict !== 'NOT_RUN') return ran;
    return { ...ran, result: { ...ran.result, reason: 'the run was interrupted' } };
  }

  #without(
    sequence: Planned['sequence'],
    verdict: 'NOT_APPLICABLE' | 'NOT_RUN',
    reason: string,
  ): SequenceRun {
    return { result: unexecuted(sequence, this.#run, verdict, reason), timeline: [] };
  }
}

const gaveNoAnswer = ({ verdict, problems }: SequenceResult): boolean =>
  verdict === 'INCONCLUSIVE' && (problems[0]?.cause === 'environment' || problems[0]?.cause === 'timeout');
