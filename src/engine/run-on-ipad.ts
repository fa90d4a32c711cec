/** One sequence on an IPAd, from its initial conditions to its verdict. There is one device: one sequence at a time. */
import { bringAboutIpad, ipadCondition } from './ipad-conditions.js';
import type { IpadSession } from './ipad-session.js';
import { IpadStage } from './ipad-stage.js';
import { answerAllByDefault } from './party-ipad-esipa.js';
import { Recorder } from './recorder.js';
import { worst, type Cause, type Problem, type Verdict } from './result.js';
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

/** Never rejects: every kind of trouble becomes a verdict. */
export async function runOnIpad(
  sequence: Sequence,
  session: IpadSession,
  signal?: AbortSignal,
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
  let stage: IpadStage | undefined;
  let runner: StepRunner | undefined;
  let reached = false;
  try {
    const own = await recordedStep(
      recorder,
      'initial',
      'Card, eIMs and initial conditions',
      sequence.place,
      async () => {
        await session.open(limited);
        const made = (stage = new IpadStage(session, sequence.id, recorder));
        await bringAboutIpad(made, sequence.initialConditions, limited);
        made.traffic.open();
        return made;
      },
      'operator -> IPAd',
    );
    reached = true;
    runner = new StepRunner(sequence, own, recorder, limited);
    for (const condition of sequence.initialConditions)
      if (ipadCondition(condition) === undefined) await runner.procedureAsCondition(condition);
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

/** Lets the device come to rest, and ends what was started for it. What could not be done, in words. */
async function release(
  sequence: Sequence,
  stage: IpadStage,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    await recordedStep(
      recorder,
      'restore',
      'Let the device come to rest',
      sequence.place,
      async () => {
        await comeToRest(stage, signal);
        recorder.trace(await stage.driver.triggers.settle(), recorder.now);
        await stage.traffic.close();
        stage.driver.card?.fault([]);
        for (const listener of stage.driver.eims.values()) await listener.clear();
      },
      'operator -> IPAd',
    );
    return undefined;
  } catch (error) {
    await stage.traffic.close();
    return error instanceof Error ? error.message : String(error);
  }
}

/** What the device still has to say is answered as a good eIM does, for as long as a step would wait. */
async function comeToRest(stage: IpadStage, signal: AbortSignal): Promise<void> {
  const { traffic, driver } = stage;
  await traffic.wait(
    () => {
      for (const role of driver.eims.keys()) answerAllByDefault(stage, role);
      return traffic.idle ? true : undefined;
    },
    performance.now() + driver.patienceMs,
    signal,
  );
}
