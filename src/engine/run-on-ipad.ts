/** One sequence on an IPAd. There is one device: one sequence at a time. */
import { bringAboutIpad, ipadCondition } from './ipad-conditions.js';
import type { IpadSession } from './ipad-session.js';
import { IpadStage } from './ipad-stage.js';
import { answerAllByDefault } from './party-ipad-esipa.js';
import type { Recorder } from './recorder.js';
import { runStaged } from './run-staged.js';
import { recordedStep, type SequenceRun } from './sequence-run.js';
import type { Sequence } from './suite.js';

const DIRECTION = 'operator -> IPAd';

/** Never rejects: every kind of trouble becomes a verdict. */
export const runOnIpad = (
  sequence: Sequence,
  session: IpadSession,
  signal?: AbortSignal,
): Promise<SequenceRun> =>
  runStaged<IpadStage>(
    sequence,
    session,
    {
      direction: DIRECTION,
      title: 'Card, eIMs and initial conditions',
      async bringAbout(recorder, limited, made) {
        await session.open(limited);
        const stage = new IpadStage(session, sequence.id, recorder);
        made(stage);
        await bringAboutIpad(stage, sequence.initialConditions, limited);
        stage.traffic.open();
        return stage;
      },
      settles: (condition) => ipadCondition(condition) !== undefined,
      release: (stage, recorder, limited) => release(sequence, stage, recorder, limited),
    },
    signal,
  );

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
      DIRECTION,
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
