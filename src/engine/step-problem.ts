/** From what an exchange brought to the problems and the verdict of its step. */
import type { Observation } from '../../drivers/contract.js';
import { bytesToHex } from '../protocol/asn1/index.js';
import { swText, type Judged } from './answer.js';
import type { StepEnd } from './recorder.js';
import type { Seen } from './stage.js';
import type { Message, Problem, SourcePlace, Verdict } from './result.js';

export const NOT_JUDGED: Judged = {
  mismatches: [],
  notes: [],
  interpretations: [],
  binds: new Map(),
  decoded: undefined,
  type: undefined,
  expected: '',
};

/** Only a step with a requirement can FAIL. */
export const verdictOf = (problems: readonly Problem[], rq: readonly string[]): Verdict =>
  problems.length === 0 ? 'PASS' : rq.length > 0 ? 'FAIL' : 'INCONCLUSIVE';

export const bareAnswer = (seen: Seen): Message => ({
  hex: bytesToHex(seen.data),
  ...(seen.sw === undefined ? {} : { sw: swText(seen.sw) }),
});

/** A mistake of the suite or of the tool ends the step that it happened in, so that the report shows which one. */
export function orRecorded<T>(work: () => T, begin: () => (end: StepEnd) => unknown, place: SourcePlace): T {
  try {
    return work();
  } catch (error) {
    begin()({ verdict: 'ERROR', problems: [plainProblem('tool', error, place)] });
    throw error;
  }
}

export const plainProblem = (cause: Problem['cause'], error: unknown, place: SourcePlace): Problem => ({
  cause,
  message: error instanceof Error ? error.message : String(error),
  requirements: [],
  clauses: [],
  place,
});

export const lastReset = (observation: Observation): Uint8Array | undefined =>
  [...observation.events].reverse().find((e) => e.kind === 'reset')?.bytes;
