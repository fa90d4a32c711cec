/** What a device does while a sequence runs: messages at the listeners and commands at its card, kept in order until a step takes them. */
import { TransportError } from '../../drivers/contract.js';
import type {
  CardCommand,
  FiredTrigger,
  IpadDriver,
  ListenerArrival,
  TriggerEnd,
} from '../../drivers/ipad-contract.js';
import { bytesToHex } from '../protocol/asn1/index.js';
import type { Recorder } from './recorder.js';

/** How long one call of a driver waits; nothing depends on it but how often a loop goes round. */
const ROUND = 1_000;
/** Messages of one sequence; a device that sends more is not listened to any longer. */
const STORM = 2_000;

export class IpadTraffic {
  readonly #arrivals = new Map<string, ListenerArrival[]>();
  /** `performance.now()` before the last answer to each role, and how long after it each message came. */
  readonly #answeredAt = new Map<string, number>();
  readonly #waited = new WeakMap<ListenerArrival, number>();
  readonly #commands: CardCommand[] = [];
  readonly #stop = new AbortController();
  readonly #loops: Promise<void>[] = [];
  readonly #running = new Set<FiredTrigger>();
  readonly #wake = new Set<() => void>();
  #last = performance.now();
  #messages = 0;
  #trouble: unknown;
  /** How the last trigger whose end can be seen ended. */
  ending: TriggerEnd | undefined;

  constructor(
    readonly driver: IpadDriver,
    readonly recorder: Recorder,
    readonly onCommand: (command: CardCommand) => void,
  ) {}

  /** More came than any device has reason to send. */
  get storm(): boolean {
    return this.#messages >= STORM;
  }

  /** Listens until `close`. */
  open(): void {
    for (const [role, listener] of this.driver.eims) {
      const queue: ListenerArrival[] = [];
      this.#arrivals.set(role, queue);
      this.#loops.push(
        this.#loop(
          (signal) => listener.next(ROUND, signal),
          (a) => this.#arrived(role, queue, a),
        ),
      );
    }
    const { card } = this.driver;
    if (card !== undefined)
      this.#loops.push(
        this.#loop(
          (signal) => card.next(ROUND, signal),
          (c) => this.#commanded(c),
        ),
      );
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  /** The device was told to do something; until that is over it may be at work, however quiet it is. */
  fired(trigger: FiredTrigger): void {
    this.recorder.trace(trigger.events, this.recorder.now);
    // How the one before ended says nothing about what this one starts.
    this.ending = undefined;
    this.#touch();
    if (trigger.ended === undefined) return;
    this.#running.add(trigger);
    void trigger.ended.then(
      (end) => this.#ended(end, trigger),
      (error: unknown) => {
        this.#running.delete(trigger);
        this.#trouble = error;
        this.#touch();
      },
    );
  }

  #ended(end: TriggerEnd, trigger?: FiredTrigger): void {
    if (trigger !== undefined) this.#running.delete(trigger);
    this.ending = end;
    this.recorder.trace(end.events, this.recorder.now);
    this.#touch();
  }

  /** The first arrival that is wanted, out of its queue. */
  takeArrival<A extends ListenerArrival>(
    role: string,
    wanted: (a: ListenerArrival) => a is A,
  ): A | undefined {
    const queue = this.#arrivals.get(role) ?? [];
    const at = queue.findIndex(wanted);
    return at < 0 ? undefined : (queue.splice(at, 1)[0] as A);
  }

  /** Something is about to be said by that role. */
  answering(role: string): void {
    this.#answeredAt.set(role, performance.now());
  }

  /**
   * Milliseconds from the role's last answer to this arrival, rather more than less; undefined where it was the first.
   */
  waited(arrival: ListenerArrival): number | undefined {
    return this.#waited.get(arrival);
  }

  /** Messages of a role that no step has taken are gone, without an answer: their connections are closed. */
  forgetMessages(role: string): void {
    const queue = this.#arrivals.get(role);
    if (queue === undefined) return;
    const kept = queue.filter(({ kind }) => kind !== 'message' && kind !== 'garbage');
    queue.splice(0, queue.length, ...kept);
  }

  /** Commands up to and including the wanted one are gone; nothing is taken when it is not there. */
  takeCommand(wanted: (c: CardCommand) => boolean): CardCommand | undefined {
    const at = this.#commands.findIndex(wanted);
    return at < 0 ? undefined : this.#commands.splice(0, at + 1).at(-1);
  }

  /** Commands that no step has taken, in order. */
  get commands(): readonly CardCommand[] {
    return this.#commands;
  }

  /** Nothing happened for the target's `quietMs`, and nothing that was triggered is still at work. */
  get idle(): boolean {
    return !this.#atWork && performance.now() - this.#last >= this.driver.quietMs;
  }

  get #atWork(): boolean {
    return this.#running.size > 0 || this.driver.triggers.busy === true;
  }

  /**
   * Tries until `attempt` gives a value, after everything that happens and whenever the device may have become idle.
   * @param until milliseconds of `performance.now()`.
   * @returns undefined when the time is over.
   * @throws {TransportError} `aborted`, and what ended a loop.
   */
  async wait<T>(attempt: () => T | undefined, until: number, signal: AbortSignal): Promise<T | undefined> {
    for (;;) {
      if (this.#trouble !== undefined) throw this.#trouble as Error;
      if (signal.aborted) throw new TransportError('aborted', 'the wait for the device was aborted');
      const death = this.driver.triggers.takeDeath();
      if (death !== undefined) this.#ended(death);
      // Before the attempt: what was not quiet then may be by now, and would be waited for until the end.
      const now = performance.now();
      const value = attempt();
      if (value !== undefined) return value;
      if (now >= until) return undefined;
      // Nothing tells when a device that is only known to be busy is that no more.
      const quiet = (this.driver.triggers.busy === true ? now : this.#last) + this.driver.quietMs;
      await this.#next(Math.min(until, quiet > now ? quiet : until) - now, signal);
    }
  }

  /**
   * Waits for something that the tool itself does with the device.
   * @param meanwhile whenever nothing has happened for a while: what the device does before that must not hold it up.
   */
  async along<T>(work: Promise<T>, meanwhile: () => void, signal: AbortSignal): Promise<T> {
    const state = { over: false };
    const end = (): void => {
      state.over = true;
      this.#touch();
    };
    work.then(end, end);
    while (!state.over)
      await this.wait(
        () => {
          if (!state.over && performance.now() - this.#last >= this.driver.quietMs) meanwhile();
          return state.over ? true : undefined;
        },
        performance.now() + Math.max(ROUND, this.driver.quietMs),
        signal,
      );
    return work;
  }

  #next(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#wake.delete(end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(1, Math.ceil(ms)));
      signal.addEventListener('abort', end, { once: true });
      this.#wake.add(end);
    });
  }

  async #loop<T>(next: (signal: AbortSignal) => Promise<T | undefined>, take: (t: T) => void): Promise<void> {
    const { signal } = this.#stop;
    const ended = (): boolean => signal.aborted;
    try {
      while (!ended() && !this.storm) {
        const value = await next(signal);
        if (value !== undefined && !ended()) take(value);
      }
    } catch (error) {
      if (ended()) return;
      this.#trouble = error;
      this.#touch();
    }
  }

  #arrived(role: string, queue: ListenerArrival[], arrival: ListenerArrival): void {
    const answered = this.#answeredAt.get(role);
    if (answered !== undefined) this.#waited.set(arrival, performance.now() - answered);
    this.recorder.trace(arrival.events, this.recorder.now);
    if (arrival.kind === 'message') {
      this.#messages += 1;
      this.recorder.event({ kind: 'esipa-request', hex: bytesToHex(arrival.data) });
    }
    queue.push(arrival);
    this.#touch();
  }

  #commanded(command: CardCommand): void {
    this.recorder.trace(command.events, this.recorder.now);
    this.#commands.push(command);
    this.onCommand(command);
    this.#touch();
  }

  #touch(): void {
    this.#last = performance.now();
    for (const wake of [...this.#wake]) wake();
  }
}

/** How a process or call came to its end, for people. */
export function endText(end: TriggerEnd): string {
  const how = {
    exited: `ended with exit code ${end.exitCode ?? '?'}`,
    signalled: `was ended by ${end.signal ?? 'a signal'}`,
    stopped: 'was ended by the tool',
    answered: `answered HTTP ${end.exitCode ?? '?'}`,
    done: 'is done',
  }[end.how];
  const said = end.output.trim().slice(-300);
  return said === '' ? `the device ${how}` : `the device ${how}; it wrote: ${said}`;
}
