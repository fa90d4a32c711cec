/** Steps that send nothing to the IUT: what the personaliser does, and how a simulated server meets what comes. */
import type { TextValue } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { evaluateData } from './evaluate.js';
import { StateError } from './fingerprint.js';
import type { Recorder } from './recorder.js';
import type { Phase, Problem } from './result.js';
import type { Scope } from './scope.js';
import type { Stage } from './stage.js';
import { plainProblem } from './step-problem.js';
import type { PersonaliseStep, ServerStep } from './suite.js';

export interface UnjudgedPlay {
  readonly stage: Stage;
  readonly recorder: Recorder;
  readonly phase: Phase;
  readonly signal: AbortSignal;
}

/** @returns why it could not be done: the sequence is INCONCLUSIVE then. @throws what is not the target's doing. */
export async function playUnjudged(
  step: PersonaliseStep | ServerStep,
  scope: Scope,
  { stage, recorder, phase, signal }: UnjudgedPlay,
): Promise<Problem | undefined> {
  const personalises = step.kind === 'personalise';
  const end = recorder.step({
    phase,
    title: step.name ?? (personalises ? `Personaliser: ${step.action}` : `The ${step.role} is ${step.state}`),
    direction: personalises ? 'S_IPA -> personaliser' : step.role,
    requirements: [],
    place: step.place,
  });
  try {
    if (personalises)
      await stage.personalise({ action: step.action, parameters: parametersOf(step, scope, stage) }, signal);
    else stage.setServer(step);
  } catch (error) {
    const problem = plainProblem(personalises ? 'initial-condition' : 'environment', error, step.place);
    end({ verdict: 'INCONCLUSIVE', problems: [problem] });
    if (error instanceof StateError) return problem;
    if (error instanceof Sgp33Error && error.code === 'notifications-unavailable') return problem;
    throw error;
  }
  end({ verdict: 'PASS', problems: [] });
  return undefined;
}

const parametersOf = (
  { parameters }: PersonaliseStep,
  scope: Scope,
  { eims }: Stage,
): { [key: string]: TextValue } =>
  parameters === undefined ? {} : (evaluateData(parameters, { scope, eims }) as { [key: string]: TextValue });
