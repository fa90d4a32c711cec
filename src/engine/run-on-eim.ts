/** One sequence on an eIM, from its initial conditions to its verdict. Sequences run at the same time, each with its devices. */
import { bringAboutDevices, releaseDevices, eimCondition } from './eim-conditions.js';
import type { EimSession } from './eim-session.js';
import { EimStage } from './eim-stage.js';
import { Recorder } from './recorder.js';
import { worst, type Cause, type Problem, type Verdict } from './result.js';
import { rootScope } from './scope.js';
import { sequenceFacts } from './sequence-facts.js';
import {
  classify,
  DEADLINE,
  mainFirst,
  recordedStep,
  RESTORE_DEADLINE,
  within,
  type SequenceRun,
} from './sequence-run.js';
import { StepRunner } from './step-runner.js';
import type { Sequence } from './suite.js';
import { find } from './yaml/nodes.js';

/** Never rejects: every kind of trouble becomes a verdict. */
export async function runOnEim(
  sequence: Sequence,
  session: EimSession,
  signal?: AbortSignal,
): Promise<SequenceRun> {
  const leave = await session.gate.enter(restartsEim(sequence));
  try {
    return await runInside(sequence, session, signal);
  } finally {
    leave();
  }
}

/** A restart would end what other sequences are doing. */
const restartsEim = ({ steps }: Sequence): boolean =>
  steps.some(
    (s) => s.kind === 'exchange' && s.from === 'operator' && find(s.request, 'restart') !== undefined,
  );

async function runInside(
  sequence: Sequence,
  session: EimSession,
  signal: AbortSignal | undefined,
): Promise<SequenceRun> {
  const startedAt = new Date().toISOString();
  const recorder = new Recorder();
  const limited = within(DEADLINE, signal);
  const problems: Problem[] = [];
  let verdict: Verdict = 'PASS';
  const fail = (v: Verdict, cause: Cause, message: string, place = sequence.place): void => {
    verdict = worst([verdict, v]);
    problems.push({ cause, message, requirements: [], clauses: [], place });
  };
  let stage: EimStage | undefined;
  let runner: StepRunner | undefined;
  let reached = false;
  try {
    const own = await recordedStep(
      recorder,
      'initial',
      'Devices and initial conditions',
      sequence.place,
      async () => {
        const identity = await session.ready(limited);
        const made = (stage = new EimStage(session, identity, recorder));
        await bringAboutDevices(
          made,
          sequence.initialConditions,
          () => rootScope(made.constants, new Map()),
          limited,
        );
        return made;
      },
      'operator -> eIM',
    );
    reached = true;
    runner = new StepRunner(sequence, own, recorder, limited);
    for (const condition of sequence.initialConditions)
      if (eimCondition(condition) === undefined) await runner.procedureAsCondition(condition);
    const outcome = await runner.run();
    verdict = outcome.verdict;
    problems.push(...outcome.problems);
  } catch (error) {
    const [v, cause, message] = classify(error, reached, limited, signal);
    fail(v, cause, message, recorder.steps.findLast((s) => s.verdict !== 'PASS')?.place);
  }
  if (stage !== undefined) {
    const left = await release(sequence, stage, recorder, within(RESTORE_DEADLINE, signal));
    if (left !== undefined && signal?.aborted !== true) fail('INCONCLUSIVE', 'not-restored', left);
  }
  return {
    timeline: recorder.timeline,
    result: {
      ...sequenceFacts(sequence, session),
      verdict,
      problems: mainFirst(problems, verdict),
      notes: runner?.outcome.notes ?? [],
      interpretations: runner?.outcome.interpretations ?? [],
      steps: recorder.steps,
      startedAt,
      durationMs: recorder.now,
    },
  };
}

/** What could not be given back, in words. */
async function release(
  sequence: Sequence,
  stage: EimStage,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<string | undefined> {
  const end = recorder.step({
    phase: 'restore',
    title: 'Release the devices',
    direction: 'operator -> eIM',
    requirements: [],
    place: sequence.place,
  });
  const left = await releaseDevices(stage, signal);
  const message = left.join('; ');
  end(
    left.length === 0
      ? { verdict: 'PASS', problems: [] }
      : {
          verdict: 'INCONCLUSIVE',
          problems: [
            { cause: 'not-restored', message, requirements: [], clauses: [], place: sequence.place },
          ],
        },
  );
  return left.length === 0 ? undefined : message;
}
