/** Asking again until something is ready. */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { TransportError } from '../contract.js';
import type { FactMap, Facts } from '../eim-contract.js';
import { textOf, type Value } from './filters.js';
import type { CallMapping } from './mapping.js';
import { follow, type PathExpression } from './path.js';

export const POLL_MS = 200;
export const POLL_DEADLINE_MS = 30_000;
const MAX_DEADLINE_MS = 3_600_000;
/** An order that ended does not change any more. */
const ENDED = ['done', 'failed'];

export interface Poll {
  readonly from?: PathExpression;
  readonly is: readonly string[];
  /** Statuses with which a poll ends, too, whatever `from` says. */
  readonly statuses: readonly string[];
  readonly pollMs: number;
  readonly deadlineMs: number;
}

/**
 * @param outcome parameters of the call of `outcome`: `wanted` (a status or a list of them) and `deadlineMs` override.
 * @returns undefined for a call that is made once.
 */
export function pollOf({ call, until }: CallMapping, outcome?: FactMap): Poll | undefined {
  const wanted = wordsOf(outcome?.['wanted']);
  // A person is not asked again and again unless the mapping says so.
  if (until === undefined && (wanted.length === 0 || call.kind === 'prompt')) return undefined;
  const given = outcome?.['deadlineMs'];
  const deadline = typeof given === 'string' && /^\d{1,7}$/.test(given) ? Number(given) : undefined;
  return {
    ...(until?.from === undefined ? {} : { from: until.from }),
    is: until?.from === undefined ? [] : until.is,
    statuses:
      outcome === undefined
        ? until?.from === undefined
          ? (until?.is ?? [])
          : []
        : [...ENDED, ...(wanted.length > 0 ? wanted : until?.from === undefined ? (until?.is ?? []) : [])],
    pollMs: until?.pollMs ?? POLL_MS,
    deadlineMs: Math.min(deadline ?? until?.deadlineMs ?? POLL_DEADLINE_MS, MAX_DEADLINE_MS),
  };
}

const wordsOf = (facts: Facts | undefined): readonly string[] =>
  facts === undefined || facts === ''
    ? []
    : typeof facts === 'string'
      ? [facts]
      : Array.isArray(facts)
        ? (facts as readonly Facts[]).filter((f) => typeof f === 'string')
        : [];

export function isDone(poll: Poll, answer: Value, status: Facts | undefined): boolean {
  if (typeof status === 'string' && poll.statuses.includes(status)) return true;
  if (poll.from === undefined) return false;
  const found = follow(poll.from, answer);
  return found !== undefined && poll.is.includes(textOf(found));
}

/**
 * Waits for the time of the next round.
 * @param end of all rounds, on the clock of `performance`.
 * @returns false when that would be too late. @throws {TransportError} `aborted`.
 */
export async function pauseBeforeNext(
  poll: Poll,
  end: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (performance.now() + poll.pollMs > end) return false;
  try {
    await pause(poll.pollMs, undefined, signal === undefined ? {} : { signal });
  } catch (cause) {
    throw new TransportError('aborted', 'the poll was aborted', { cause });
  }
  return true;
}

export const timedOut = (poll: Poll, operation: string): TransportError =>
  new TransportError('timeout', `${operation} was not ready in ${poll.deadlineMs} ms`, {
    expected: poll.is.join(', '),
    ...(poll.from === undefined ? {} : { place: poll.from.written }),
  });
