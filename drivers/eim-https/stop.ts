/** Why an exchange ends early: its deadline, or whoever started it. */
import { TransportError } from '../contract.js';

export interface Stop {
  /** Aborted at the deadline, or when the caller aborts. */
  readonly signal: AbortSignal;
  /** True when the deadline passed; false when the caller aborted. */
  readonly timedOut: boolean;
  readonly deadlineMs: number;
  release(): void;
}

/** Starts the deadline; `release` must be called. */
export function startDeadline(deadlineMs: number, outer: AbortSignal | undefined): Stop {
  const controller = new AbortController();
  const stop = { timedOut: false };
  const timer = setTimeout(() => {
    stop.timedOut = true;
    controller.abort();
  }, deadlineMs);
  const onAbort = (): void => controller.abort();
  if (outer?.aborted === true) controller.abort();
  outer?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    get timedOut() {
      return stop.timedOut;
    },
    deadlineMs,
    release: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    },
  };
}

export const abortedError = (place: string): TransportError =>
  new TransportError('aborted', 'The exchange with the eIM was given up', { place });
