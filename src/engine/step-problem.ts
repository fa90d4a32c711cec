/** From what an exchange brought to the problems and the verdict of its step. */
import { TransportError, type Observation } from '../../drivers/contract.js';
import { bytesToHex, renderTree } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { swText, type Judged } from './answer.js';
import type { Mismatch } from './match.js';
import type { StepEnd } from './recorder.js';
import type { Seen } from './stage.js';
import type { Message, Problem, SourcePlace, Verdict } from './result.js';
import type { Suite } from './suite.js';

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

export const judgedAnswer = (judged: Judged, seen: Seen): Message => ({
  ...bareAnswer(seen),
  ...(judged.type === undefined ? {} : { type: judged.type }),
  ...(judged.decoded?.node === undefined ? {} : { tree: renderTree(judged.decoded.node) }),
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

export const problemOf = (m: Mismatch, rq: readonly string[], place: SourcePlace, suite: Suite): Problem => ({
  cause: m.cause,
  message: `${m.path}: expected ${m.expected}, got ${m.actual}`,
  path: m.path,
  ...(m.tag === undefined ? {} : { tag: m.tag }),
  expected: m.expected,
  actual: m.actual,
  ...(m.offset === undefined ? {} : { offset: m.offset }),
  requirements: rq,
  clauses: clausesOf(rq, suite),
  place,
});

const clausesOf = (rq: readonly string[], suite: Suite): string[] => [
  ...new Set(rq.map((id) => suite.requirements.get(id)?.clause ?? id)),
];

/** Codes of what can not be done on this target: an operation that it does not map, a message that JSON can not carry. */
const NOT_OFFERED =
  /^(?:operation-not-mapped|management-|not-in-json|no-transport|notifications-unavailable|injection-unavailable|trigger-|ipad-card)/;

/** An IUT that does not answer what is judged FAILs; one that is gone, or the way to it, never does. */
export function troubleOf(
  error: unknown,
  rq: readonly string[],
  place: SourcePlace,
  suite: Suite,
): { verdict: Verdict; problem: Problem; rethrow: boolean } {
  const judged = rq.length > 0;
  if (error instanceof TransportError && error.code === 'timeout')
    return {
      verdict: judged ? 'FAIL' : 'INCONCLUSIVE',
      problem: { ...plainProblem('timeout', error, place), requirements: rq, clauses: clausesOf(rq, suite) },
      rethrow: false,
    };
  // What the target does not offer is no fault of the IUT's, nor of the tool.
  if (error instanceof Sgp33Error && NOT_OFFERED.test(error.code))
    return { verdict: 'INCONCLUSIVE', problem: plainProblem('environment', error, place), rethrow: false };
  if (!(error instanceof TransportError))
    return { verdict: 'ERROR', problem: plainProblem('tool', error, place), rethrow: true };
  return { verdict: 'INCONCLUSIVE', problem: plainProblem('environment', error, place), rethrow: true };
}
