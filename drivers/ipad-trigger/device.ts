/** The device where it is a program that goes on: one process at a time. */
import { setTimeout as delay } from 'node:timers/promises';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError } from '../contract.js';
import type { TriggerEnd } from '../ipad-contract.js';
import type { EventRecorder } from '../management/events.js';
import type { DeviceProcess } from './mapping.js';
import { startProcess, type StartContext } from './start-process.js';
import type { RunningProcess } from './running-process.js';
import { endOf, recordEnded, type Tracer } from './trace.js';

/** Characters of what it says. */
const SHOWN = 4096;
const DONE = { how: 'done', events: [] } as const;

export class Device {
  #running: RunningProcess | undefined;
  /** Of one that is not there any more. */
  #death: TriggerEnd | undefined;
  /** The last one whose end has been told of. */
  #told: RunningProcess | undefined;

  constructor(
    private readonly mapping: DeviceProcess,
    private readonly needsInput: boolean,
    private readonly tracer: Tracer,
  ) {}

  get lifetime(): DeviceProcess['lifetime'] {
    return this.mapping.lifetime;
  }

  get isAlive(): boolean {
    return this.#running?.isAlive === true;
  }

  takeDeath(): TriggerEnd | undefined {
    this.#noticeDeath();
    const death = this.#death;
    this.#death = undefined;
    return death;
  }

  #noticeDeath(): void {
    const running = this.#running;
    if (running?.end === undefined || running.end.stopped || running === this.#told) return;
    this.#told = running;
    this.#death = endOf(running, running.end, this.tracer);
  }

  /**
   * Starts it unless it runs, and waits until it is ready. What a former one has left is ended before.
   * @throws {Sgp33Error} `trigger-failed` when it can not run or ends before; {TransportError} `timeout`, `aborted`.
   */
  async start(context: StartContext, signal: AbortSignal | undefined): Promise<void> {
    if (this.isAlive) return;
    await this.stop(context.recorder);
    const running = await startProcess(this.mapping, this.needsInput, context);
    this.#running = running;
    try {
      await this.#ready(running, signal);
    } catch (error) {
      // Its end is told of by this error.
      this.#told = running;
      await this.stop(context.recorder);
      throw error;
    }
  }

  /** To the process itself. @throws {Sgp33Error} `trigger-failed`. */
  signal(signal: NodeJS.Signals): void {
    if (this.#running?.signal(signal) !== true) throw this.#gone(`could not be sent ${signal}`);
  }

  /** @throws {Sgp33Error} `trigger-failed`. */
  write(text: string): void {
    if (this.#running?.write(text) !== true) throw this.#gone('does not read its standard input');
  }

  /**
   * Makes it as it was after its start, where it knows how to.
   * @returns false for one that does not, or did not in time: it is to be ended.
   */
  async reset(recorder: EventRecorder): Promise<boolean> {
    const { reset, graceMs } = this.mapping;
    const running = this.#running;
    if (reset === undefined || running === undefined || !running.isAlive) return false;
    const late = new AbortController();
    const said = this.says(reset.done);
    if (!running.write(reset.text)) return false;
    const end = await Promise.race([
      said,
      delay(graceMs, undefined, { signal: late.signal, ref: false }).catch(() => undefined),
    ]);
    late.abort();
    const done = end?.how === 'done' && running.isAlive;
    recorder.record(
      'note',
      done ? `the device was reset: ${end.output}` : 'the device was not reset in time',
    );
    return done;
  }

  /** When it writes such a text from now on, or ends. Never rejects. */
  says(text: RegExp): Promise<TriggerEnd> {
    const running = this.#running;
    if (running === undefined) return Promise.resolve({ ...DONE, output: '', outputBytes: 0 });
    return new Promise((resolve) => {
      const unwatch = running.watch((written) => {
        const found = text.exec(written);
        if (found === null) return;
        unwatch();
        const [output] = found;
        const shown = this.tracer.hide(output).slice(-SHOWN);
        resolve({ ...DONE, output: shown, outputBytes: Buffer.byteLength(output) });
      });
      void running.ended.then((end) => {
        unwatch();
        resolve(endOf(running, end, this.tracer));
      });
    });
  }

  /** Ends it with all that came of it. @returns how it ended; undefined when none was there, or it ended by itself. */
  async stop(recorder: EventRecorder): Promise<TriggerEnd | undefined> {
    const running = this.#running;
    if (running === undefined) return undefined;
    this.#noticeDeath();
    const ended = await running.stop();
    if (this.#running === running) this.#running = undefined;
    if (running.end?.stopped !== true) {
      recordEnded(recorder, ended);
      return undefined;
    }
    return endOf(running, await running.ended, this.tracer, ended);
  }

  async #ready(running: RunningProcess, signal: AbortSignal | undefined): Promise<void> {
    const { ready, readyMs } = this.mapping;
    const place = `process ${running.pid}`;
    await new Promise<void>((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        unwatch();
        signal?.removeEventListener('abort', abort);
        act();
      };
      const fail = (error: Sgp33Error): void => finish(() => reject(error));
      const abort = (): void =>
        fail(new TransportError('aborted', 'the device was not waited for', { place }));
      const timer = setTimeout(
        () =>
          fail(
            new TransportError('timeout', `the device was not ready in ${readyMs} ms`, {
              place,
              expected: `a text with /${ready?.source ?? ''}/`,
              actual: this.tracer.hide(running.output.text.slice(-500)),
            }),
          ),
        readyMs,
      );
      const unwatch = running.watch((text) => {
        if (ready?.test(text) === true) finish(resolve);
      });
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted === true) abort();
      else if (ready === undefined || ready.test(running.output.text)) finish(resolve);
      void running.ended.then((end) =>
        fail(
          new Sgp33Error('trigger-failed', 'the device ended before it was ready', {
            place,
            actual:
              `${end.signal ?? `exit code ${end.exitCode ?? 'unknown'}`} ${this.tracer.hide(running.output.text.slice(-500))}`.trim(),
          }),
        ),
      );
    });
  }

  #gone(what: string): Sgp33Error {
    return new Sgp33Error('trigger-failed', `the device ${what}`, {
      ...(this.#running === undefined ? {} : { place: `process ${this.#running.pid}` }),
      actual: this.isAlive ? 'it runs' : 'it has ended',
    });
  }
}
