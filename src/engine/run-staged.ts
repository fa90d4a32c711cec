/** One sequence with a stage of its own, from its initial conditions to its verdict: what an eIM and an IPAd share. */
import { Course } from './course.js';
import type { Recorder } from './recorder.js';
import type { sequenceFacts } from './sequence-facts.js';
import { DEADLINE, recordedStep, RESTORE_DEADLINE, within, type SequenceRun } from './sequence-run.js';
import type { Stage } from './stage.js';
import { StepRunner } from './step-runner.js';
import type { Sequence } from './suite.js';
import type { YMap } from './yaml/nodes.js';

/** What a kind of IUT brings along. */
export interface StagedWay<S extends Stage> {
  readonly direction: string;
  /** Title of the step that brings about the initial conditions. */
  readonly title: string;
  /** @param made told of the stage as soon as there is one: it is released, whatever happens then. */
  bringAbout(recorder: Recorder, signal: AbortSignal, made: (stage: S) => void): Promise<S>;
  /** Whether `bringAbout` takes care of this one; a procedure is left to the steps. */
  settles(condition: YMap): boolean;
  /** @returns what could not be given back, in words. */
  release(stage: S, recorder: Recorder, signal: AbortSignal): Promise<string | undefined>;
}

/** Never rejects: every kind of trouble becomes a verdict. */
export async function runStaged<S extends Stage>(
  sequence: Sequence,
  session: Parameters<typeof sequenceFacts>[1],
  way: StagedWay<S>,
  signal: AbortSignal | undefined,
): Promise<SequenceRun> {
  const course = new Course(sequence, session, signal);
  const { recorder } = course;
  const limited = within(DEADLINE, signal);
  const stages: S[] = [];
  let runner: StepRunner | undefined;
  let reached = false;
  try {
    const stage = await recordedStep(
      recorder,
      'initial',
      way.title,
      sequence.place,
      () => way.bringAbout(recorder, limited, (made) => stages.push(made)),
      way.direction,
    );
    reached = true;
    runner = new StepRunner(sequence, stage, recorder, limited);
    for (const condition of sequence.initialConditions)
      if (!way.settles(condition)) await runner.procedureAsCondition(condition);
    course.judged(await runner.run());
  } catch (error) {
    course.broken(error, reached, limited);
  }
  for (const stage of stages) {
    const left = await way.release(stage, recorder, within(RESTORE_DEADLINE, signal));
    if (left !== undefined && signal?.aborted !== true) course.fail('INCONCLUSIVE', 'not-restored', left);
  }
  return course.end(runner?.outcome);
}
