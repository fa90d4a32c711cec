/** Programs that are started for one trigger each. */
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError } from '../contract.js';
import type { TriggerEnd } from '../ipad-contract.js';
import type { EventRecorder } from '../management/events.js';
import type { CommandWay, Lifetime } from './mapping.js';
import type { Ended } from './end-processes.js';
import type { RunningProcess } from './running-process.js';
import { startProcess, type StartContext } from './start-process.js';
import { endOf, recordEnded, type Tracer } from './trace.js';

/** More at a time are a mapping that has gone wrong, or a device that never comes to an end. */
const MOST = 64;

export class Commands {
  readonly #running = new Map<RunningProcess, Lifetime>();

  constructor(private readonly tracer: Tracer) {}

  /**
   * @param signal ends it.
   * @returns its end, where the mapping waits for it. Rejects with {TransportError} `aborted`.
   * @throws {Sgp33Error} `trigger-failed`, `management-parameter`.
   */
  async start(
    way: CommandWay,
    context: StartContext,
    signal: AbortSignal | undefined,
  ): Promise<{ ended: Promise<TriggerEnd> | undefined }> {
    if (this.#running.size >= MOST)
      throw new Sgp33Error('trigger-failed', 'too many programs of triggers run', {
        expected: `at most ${MOST}`,
        repair: 'Give the command a shorter timeoutMs, or the lifetime of a sequence.',
      });
    const running = await startProcess(way, false, context);
    this.#running.set(running, way.lifetime);
    const ended = this.#endOf(running, way.timeoutMs, signal);
    ended.catch(() => undefined);
    return { ended: way.timeoutMs === undefined ? undefined : ended };
  }

  /** Ends those that live no longer than that, and what those left that have ended. */
  async stop(lifetimes: readonly Lifetime[], recorder: EventRecorder): Promise<void> {
    const over = [...this.#running].filter(([, lifetime]) => lifetimes.includes(lifetime));
    await Promise.all(
      over.map(async ([running]) => {
        recordEnded(recorder, await running.stop());
        this.#running.delete(running);
      }),
    );
  }

  async #endOf(
    running: RunningProcess,
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<TriggerEnd> {
    let stopped: Promise<Ended> | undefined;
    const stop = (): void => void (stopped ??= running.stop());
    const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    const end = await running.ended;
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    const what = await stopped;
    // Children that it left are found at the end of the sequence; without any there is nothing to look for.
    if (running.members.length === 0) {
      running.release();
      this.#running.delete(running);
    }
    if (end.stopped && signal?.aborted === true)
      throw new TransportError('aborted', 'the command was aborted', { place: `process ${running.pid}` });
    return endOf(running, end, this.tracer, what);
  }
}
