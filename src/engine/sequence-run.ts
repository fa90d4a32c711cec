/** What every run of a sequence shares, whatever the IUT: deadlines, recorded steps, and what an error means. */
import { TransportError } from '../../drivers/contract.js';
import { Sgp33Error } from '../protocol/errors.js';
import { StateError } from './fingerprint.js';
import type { Recorder } from './recorder.js';
import type { Cause, Problem, SequenceResult, SourcePlace, TimelineEvent, Verdict } from './result.js';
import { SuiteError } from './yaml/nodes.js';

export interface SequenceRun {
  readonly result: SequenceResult;
  readonly timeline: readonly TimelineEvent[];
}

/** Milliseconds after which a sequence is given up, whatever it is doing. */
export const DEADLINE = 180_000;
/** The same for the way back to the state of before, which a sequence that was given up needs too. */
export const RESTORE_DEADLINE = 120_000;

/** Node keeps the parts of `AbortSignal.any` weakly: a deadline that nobody else holds is collected before its time. */
const deadlines = new WeakMap<AbortSignal, AbortSignal>();

export function within(milliseconds: number, signal: AbortSignal | undefined): AbortSignal {
  const deadline = AbortSignal.timeout(milliseconds);
  const limited = AbortSignal.any([deadline, ...(signal === undefined ? [] : [signal])]);
  deadlines.set(limited, deadline);
  return limited;
}

/** The problem that decided the verdict stands first. */
export function mainFirst(problems: readonly Problem[], verdict: Verdict): Problem[] {
  if (verdict !== 'FAIL') return [...problems];
  return [...problems].sort((a, b) => Number(b.requirements.length > 0) - Number(a.requirements.length > 0));
}

export async function recordedStep<T>(
  recorder: Recorder,
  phase: 'initial' | 'restore',
  title: string,
  place: SourcePlace,
  work: () => Promise<T>,
  direction = 'S_IPA -> eUICC',
): Promise<T> {
  const end = recorder.step({ phase, title, direction, requirements: [], place });
  try {
    const value = await work();
    end({ verdict: 'PASS', problems: [] });
    return value;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    end({
      verdict: 'INCONCLUSIVE',
      problems: [
        {
          cause: phase === 'initial' ? 'initial-condition' : 'not-restored',
          message,
          requirements: [],
          clauses: [],
          place,
        },
      ],
    });
    throw error;
  }
}

/** What an error means. Only trouble of the card, or of the way to it, is INCONCLUSIVE: the tool's own faults stay visible. */
export function classify(
  error: unknown,
  reached: boolean,
  limited: AbortSignal,
  signal: AbortSignal | undefined,
): [Verdict, Cause, string] {
  const message = error instanceof Error ? error.message : String(error);
  if (limited.aborted && isAbort(error))
    return signal?.aborted === true
      ? ['NOT_RUN', 'environment', 'aborted']
      : ['INCONCLUSIVE', 'timeout', `not at its end after ${DEADLINE / 1000} s`];
  if (error instanceof TransportError)
    return ['INCONCLUSIVE', error.code === 'timeout' ? 'timeout' : 'environment', message];
  if (error instanceof StateError) return ['INCONCLUSIVE', 'initial-condition', message];
  if (error instanceof SuiteError) return ['ERROR', 'tool', message];
  // The card could not be opened at all: not an eUICC, another EID, no answer that makes sense.
  if (error instanceof Sgp33Error && !reached) return ['INCONCLUSIVE', 'environment', message];
  return ['ERROR', 'tool', detailOf(error)];
}

/** Trouble that an aborted signal explains: an exchange, a wait or a personaliser that was cut off. */
const isAbort = (error: unknown): boolean =>
  error instanceof TransportError ||
  error instanceof StateError ||
  (error instanceof Error && error.name === 'AbortError');

export const detailOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
