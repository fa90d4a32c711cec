/** Waiting for a card that was pulled, or a reader that was unplugged. */
import { setTimeout as delay } from 'node:timers/promises';
import { TransportError, type TransportErrorCode } from './contract.js';

const COMES_BACK: ReadonlySet<TransportErrorCode> = new Set([
  'card-removed',
  'reader-gone',
  'reader-not-found',
]);
const POLL_MS = 200;

/**
 * Tries `open` until it succeeds, fails for another reason than an absent card, or `deadlineMs` is over; then the
 * last error is thrown.
 */
export async function untilCardIsBack(
  open: () => Promise<void>,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const absent = error instanceof TransportError && COMES_BACK.has(error.code);
      if (!absent || performance.now() + POLL_MS > deadline) throw error;
    }
    try {
      await delay(POLL_MS, undefined, { signal });
    } catch (cause) {
      throw new TransportError('aborted', 'Waiting for the card was aborted', { cause });
    }
  }
}
