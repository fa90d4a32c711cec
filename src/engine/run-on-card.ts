/** One sequence on a card, from its initial conditions to its verdict and back to the state of before. */
import { TransportError } from '../../drivers/contract.js';
import { Sgp33Error } from '../protocol/errors.js';
import { bringAbout, desiredState, restore } from './conditions.js';
import { differences, readFingerprint, StateError } from './fingerprint.js';
import { Course } from './course.js';
import type { Recorder } from './recorder.js';
import type { Cause, SourcePlace } from './result.js';
import { rootScope } from './scope.js';
import {
  DEADLINE,
  detailOf,
  recordedStep,
  RESTORE_DEADLINE,
  within,
  type SequenceRun,
} from './sequence-run.js';
import type { Session } from './session.js';
import { StepRunner } from './step-runner.js';
import type { Sequence } from './suite.js';
import { SuiteError } from './yaml/nodes.js';

/** Never rejects: every kind of trouble becomes a verdict. */
export async function runOnCard(
  sequence: Sequence,
  session: Session,
  signal?: AbortSignal,
): Promise<SequenceRun> {
  const course = new Course(sequence, session, signal);
  const { recorder } = course;
  const limited = within(DEADLINE, signal);
  session.recorder = recorder;
  const runner = new StepRunner(sequence, session, recorder, limited);
  let reached = false;
  let personalised = false;
  try {
    // After a sequence that ended in order the card is fresh already.
    if (session.dirty && getsFreshCard(session))
      await session.driver.personalise({ action: 'reset', parameters: {} }, limited);
    if (session.dirty)
      await recordedStep(
        recorder,
        'initial',
        'Cold reset, TERMINAL CAPABILITY, MANAGE CHANNEL, SELECT ISD-R',
        sequence.place,
        () => session.open(limited),
      );
    session.baseline ??= await recordedStep(
      recorder,
      'initial',
      'Read the state to return to',
      sequence.place,
      () => readFingerprint(session, limited),
    );
    reached = true;
    const scope = rootScope(session.constants, new Map());
    const desired = desiredState(sequence.initialConditions, { scope, eims: session.eims });
    if (sequence.initialConditions.length > 0) {
      const brought = await recordedStep(
        recorder,
        'initial',
        'Bring about the initial conditions',
        sequence.place,
        () => bringAbout(session, desired, limited),
      );
      personalised = brought.personalised;
    }
    for (const p of desired.procedures) await runner.procedureAsCondition(p);
    course.judged(await runner.run());
  } catch (error) {
    session.dirty = true;
    course.broken(error, reached, limited);
  }
  personalised ||= runner.personalised;
  if (reached && session.baseline !== undefined && signal?.aborted !== true) {
    try {
      const left = await putBack(
        session,
        recorder,
        sequence.place,
        personalised,
        within(RESTORE_DEADLINE, signal),
      );
      if (left !== undefined) course.fail('INCONCLUSIVE', left.cause, left.message);
    } catch (error) {
      session.dirty = true;
      course.fail('ERROR', 'tool', detailOf(error));
    }
  } else session.dirty = true;
  session.recorder = undefined;
  return course.end(runner.outcome);
}

const getsFreshCard = (session: Session): boolean =>
  session.target.freshCard && session.driver.canPersonalise;

/** Restores and reads back, twice at most; what is left in words, or undefined. */
async function putBack(
  session: Session,
  recorder: Recorder,
  place: SourcePlace,
  personalised: boolean,
  signal: AbortSignal,
): Promise<{ cause: Cause; message: string } | undefined> {
  const baseline = session.baseline;
  if (baseline === undefined) return undefined;
  let left: { cause: Cause; message: string } | undefined;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await recordedStep(recorder, 'restore', 'Restore the state of before', place, async () => {
        const fresh = getsFreshCard(session);
        if (!fresh && (session.dirty || attempt > 0)) await session.open(signal);
        if (fresh || (session.driver.canPersonalise && (personalised || attempt > 0))) {
          await session.driver.personalise({ action: 'reset', parameters: {} }, signal);
          await session.open(signal);
        }
        if (!fresh) await restore(session, baseline, signal);
        const found = differences(baseline, await readFingerprint(session, signal));
        if (found.length > 0) throw new StateError(found.join('; '));
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof Sgp33Error) || error instanceof SuiteError) throw error;
      // Without a card there is nothing to say about its state.
      left = {
        cause: error instanceof TransportError ? 'environment' : 'not-restored',
        message: error.message,
      };
      session.dirty = true;
    }
  }
  return left;
}
