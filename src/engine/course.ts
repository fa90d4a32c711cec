/** What becomes of a sequence while it runs: the worst verdict so far, its problems and its steps. */
import { Recorder } from './recorder.js';
import { worst, type Cause, type Problem, type Verdict } from './result.js';
import { sequenceFacts } from './sequence-facts.js';
import { classify, mainFirst, type SequenceRun } from './sequence-run.js';
import type { StepsOutcome } from './step-runner.js';
import type { Sequence } from './suite.js';

export class Course {
  readonly recorder = new Recorder();
  readonly #startedAt = new Date().toISOString();
  readonly #problems: Problem[] = [];
  #verdict: Verdict = 'PASS';

  /** @param signal of whoever runs the sequence. */
  constructor(
    private readonly sequence: Sequence,
    private readonly context: Parameters<typeof sequenceFacts>[1],
    private readonly signal: AbortSignal | undefined,
  ) {}

  judged({ verdict, problems }: StepsOutcome): void {
    this.#verdict = verdict;
    this.#problems.push(...problems);
  }

  fail(verdict: Verdict, cause: Cause, message: string, place = this.sequence.place): void {
    this.#verdict = worst([this.#verdict, verdict]);
    this.#problems.push({ cause, message, requirements: [], clauses: [], place });
  }

  /**
   * It did not come to the end of its steps.
   * @param reached its initial conditions are there.
   * @param limited the deadline of the sequence, and the signal.
   */
  broken(error: unknown, reached: boolean, limited: AbortSignal): void {
    const [verdict, cause, message] = classify(error, reached, limited, this.signal);
    this.fail(verdict, cause, message, this.recorder.steps.findLast((s) => s.verdict !== 'PASS')?.place);
  }

  /** @param outcome of the steps, also of those before it broke; undefined: there were none. */
  end(outcome: StepsOutcome | undefined): SequenceRun {
    const { recorder } = this;
    return {
      timeline: recorder.timeline,
      result: {
        ...sequenceFacts(this.sequence, this.context),
        verdict: this.#verdict,
        problems: mainFirst(this.#problems, this.#verdict),
        notes: outcome?.notes ?? [],
        interpretations: outcome?.interpretations ?? [],
        steps: recorder.steps,
        startedAt: this.#startedAt,
        durationMs: recorder.now,
      },
    };
  }
}
