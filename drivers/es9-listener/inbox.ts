/** Notifications that came to the SM-DP+ of the tool, for whichever sequence wants them. */
import { TransportError } from '../contract.js';
import type { ListenerState, ReceivedNotification } from '../eim-contract.js';

type Wanted = (data: Uint8Array) => boolean;

const MAX_WAITING = 1000;

interface Waiter {
  readonly wanted: Wanted;
  readonly take: (n: ReceivedNotification | undefined) => void;
}

export class NotificationInbox {
  readonly #queue: ReceivedNotification[] = [];
  readonly #waiters = new Set<Waiter>();
  /** In the queue so that a sequence sees that they came; nobody took them. */
  readonly #refused = new WeakSet<ReceivedNotification>();
  readonly #states = new Map<Wanted, ListenerState>();

  /** What arrived and was not taken. */
  get waiting(): number {
    return this.#queue.length;
  }

  stateFor(data: Uint8Array): ListenerState {
    return [...this.#states].find(([concerned]) => concerned(data))?.[1] ?? 'listening';
  }

  setState(state: ListenerState, concerned: Wanted): void {
    if (state === 'listening') this.#states.delete(concerned);
    else this.#states.set(concerned, state);
    const left = this.#queue.filter((n) => !(this.#refused.has(n) && concerned(n.data)));
    this.#queue.splice(0, this.#queue.length, ...left);
  }

  /**
   * @param taken false: the SM-DP+ refuses it, or is away.
   * @returns false when there is no room: what nobody takes is bounded.
   */
  receive(notification: ReceivedNotification, taken: boolean): boolean {
    if (!taken) this.#refused.add(notification);
    for (const waiter of this.#waiters)
      if (waiter.wanted(notification.data)) {
        waiter.take(notification);
        return true;
      }
    return this.#queue.length < MAX_WAITING && this.#queue.push(notification) > 0;
  }

  /**
   * @returns undefined when none came before the deadline, or the inbox was closed.
   * @throws {TransportError} `aborted`.
   */
  next(
    wanted: Wanted,
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ): Promise<ReceivedNotification | undefined> {
    const at = this.#queue.findIndex(({ data }) => wanted(data));
    const [ready] = at < 0 ? [] : this.#queue.splice(at, 1);
    return ready === undefined ? this.#nextOf(wanted, deadlineMs, signal) : Promise.resolve(ready);
  }

  close(): void {
    for (const waiter of [...this.#waiters]) waiter.take(undefined);
  }

  #nextOf(
    wanted: Wanted,
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ): Promise<ReceivedNotification | undefined> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        wanted,
        take(notification) {
          end();
          resolve(notification);
        },
      };
      const abort = (): void => {
        end();
        reject(new TransportError('aborted', 'the wait for a notification was aborted'));
      };
      const timer = setTimeout(() => {
        end();
        resolve(undefined);
      }, deadlineMs);
      if (signal?.aborted === true) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
    });
  }
}
