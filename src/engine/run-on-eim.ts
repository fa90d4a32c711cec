/** One sequence on an eIM. Sequences run at the same time, each with its devices. */
import { bringAboutDevices, releaseDevices, eimCondition } from './eim-conditions.js';
import type { EimSession } from './eim-session.js';
import { EimStage } from './eim-stage.js';
import type { Recorder } from './recorder.js';
import { runStaged } from './run-staged.js';
import { rootScope } from './scope.js';
import type { SequenceRun } from './sequence-run.js';
import type { Sequence } from './suite.js';
import { find } from './yaml/nodes.js';

const DIRECTION = 'operator -> eIM';

/** Never rejects: every kind of trouble becomes a verdict. */
export async function runOnEim(
  sequence: Sequence,
  session: EimSession,
  signal?: AbortSignal,
): Promise<SequenceRun> {
  const leave = await session.gate.enter(restartsEim(sequence));
  try {
    return await runStaged<EimStage>(
      sequence,
      session,
      {
        direction: DIRECTION,
        title: 'Devices and initial conditions',
        async bringAbout(recorder, limited, made) {
          const stage = new EimStage(session, await session.ready(limited), recorder);
          made(stage);
          const scope = (): ReturnType<typeof rootScope> => rootScope(stage.constants, new Map());
          await bringAboutDevices(stage, sequence.initialConditions, scope, limited);
          return stage;
        },
        settles: (condition) => eimCondition(condition) !== undefined,
        release: (stage, recorder, limited) => release(sequence, stage, recorder, limited),
      },
      signal,
    );
  } finally {
    leave();
  }
}

/** A restart would end what other sequences are doing. */
const restartsEim = ({ steps }: Sequence): boolean =>
  steps.some(
    (s) => s.kind === 'exchange' && s.from === 'operator' && find(s.request, 'restart') !== undefined,
  );

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
    direction: DIRECTION,
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
