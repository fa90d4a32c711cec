/** Sends a message again when it may help: a bounded number of times, each after a longer wait. */
import { setTimeout as delay } from 'node:timers/promises';
import { EsipaError } from './esipa-error.js';
import type { EsipaSession } from './esipa-session.js';

export interface RetryPolicy {
  /** How often a message is sent again, at most. */
  readonly retries: number;
  /** Milliseconds before the first repetition; each later one waits twice as long. */
  readonly delayMs: number;
  /** No wait of one's own is longer. */
  readonly maxDelayMs: number;
  /** A server that asks for more is left alone until the next cycle; one that asks for less is obeyed. */
  readonly maxAskedMs: number;
}

export interface RetryingOptions {
  readonly policy: RetryPolicy;
  readonly stop: AbortSignal;
  readonly log: (line: string) => void;
}

/** The bytes that are sent again are the same. */
export function retrying(session: EsipaSession, options: RetryingOptions): EsipaSession {
  const { policy, stop, log } = options;
  return {
    async exchange(message) {
      for (let failures = 0; ; failures++) {
        try {
          return await session.exchange(message);
        } catch (error) {
          if (!(error instanceof EsipaError) || !error.again || failures >= policy.retries || stop.aborted)
            throw error;
          if ((error.afterMs ?? 0) > policy.maxAskedMs) throw error;
          const wait = error.afterMs ?? Math.min(policy.delayMs * 2 ** failures, policy.maxDelayMs);
          log(`${error.message}; again in ${String(wait)} ms`);
          await delay(wait, undefined, { signal: stop }).catch(() => undefined);
        }
      }
    },
    close: () => session.close(),
  };
}
