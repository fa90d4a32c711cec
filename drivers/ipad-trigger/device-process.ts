/** The device where it is a program that goes on: started once, told by signals or lines, restarted, ended. */
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError, type TraceEvent } from '../contract.js';
import type { TriggerEnd } from '../ipad-contract.js';
import { renderText, type Scope } from '../management/render.js';
import type { DeviceProcess as DeviceMapping, Lifetime, TriggerWay } from './mapping.js';
import { endOf, startOf, stoppedEvents } from './process-ends.js';
import { RunningProcess } from './running-process.js';

type DeviceWay =
  | Extract<TriggerWay, { kind: 'signal' }>
  | Extract<TriggerWay, { kind: 'stdin' }>
  | Extract<TriggerWay, { kind: 'start' | 'stop' | 'restart' }>;

/** A trigger that is out; `ended` where its end can be seen. */
export interface Begun {
  readonly ended: Promise<TriggerEnd> | undefined;
}

export class DeviceProcess {
  #running: RunningProcess | undefined;
  #death: TriggerEnd | undefined;

  constructor(
    private readonly mapping: DeviceMapping,
    private readonly folder: string,
    private readonly note: (text: string) => TraceEvent,
  ) {}

  get lifetime(): Lifetime {
    return this.mapping.lifetime;
  }

  get alive(): boolean {
    return this.#running?.isAlive === true;
  }

  takeDeath(): TriggerEnd | undefined {
    const death = this.#death;
    this.#death = undefined;
    return death;
  }

  /** @returns when the device says that it has done it, where it says so. @throws {Sgp33Error} `trigger-failed`. */
  async act(
    way: DeviceWay,
    scope: Scope,
    events: TraceEvent[],
    signal: AbortSignal | undefined,
  ): Promise<Begun> {
    if (way.kind === 'stop' || way.kind === 'restart') events.push(...(await this.stop()));
    if (way.kind === 'stop') return { ended: undefined };
    const running = await this.#started(scope, events, signal);
    if (way.kind !== 'signal' && way.kind !== 'stdin') return { ended: undefined };
    const done = way.done === undefined ? undefined : this.#says(running, way.done);
    const told =
      way.kind === 'signal' ? running.signal(way.signal) : running.write(renderText(way.text, scope) ?? '');
    if (told) return { ended: done };
    throw new Sgp33Error('trigger-failed', 'the device does not take the trigger', {
      actual: running.isAlive ? 'it does not read its standard input' : 'it has ended',
    });
  }

  /** Ends it with all that came of it. */
  async stop(): Promise<TraceEvent[]> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return [];
    const { text, bytes } = running.output;
    const events = stoppedEvents(await running.stop(), this.note);
    return text === '' ? events : [...events, this.note(`the device wrote ${bytes} bytes:\n${text}`)];
  }

  async #started(
    scope: Scope,
    events: TraceEvent[],
    signal: AbortSignal | undefined,
  ): Promise<RunningProcess> {
    if (this.#running?.isAlive === true) return this.#running;
    // What the one before has left goes first.
    events.push(...(await this.stop()));
    const running = await RunningProcess.start(startOf(this.mapping, this.folder, scope, true));
    this.#running = running;
    events.push(this.note(`the device is process ${running.pid}`));
    void running.ended.then((end) => {
      if (!end.stopped) this.#death = endOf(running, end, this.note);
    });
    const { ready, readyMs } = this.mapping;
    if (ready !== undefined) await becomesReady(running, ready, readyMs, signal);
    return running;
  }

  #says(running: RunningProcess, text: RegExp): Promise<TriggerEnd> {
    return new Promise((resolve) => {
      const forget = running.watch((written) => {
        const found = text.exec(written);
        if (found === null) return;
        forget();
        resolve({ how: 'done', output: found[0], outputBytes: found[0].length, events: [] });
      });
      void running.ended.then((end) => {
        forget();
        resolve(endOf(running, end, this.note));
      });
    });
  }
}

/** @throws {Sgp33Error} `trigger-failed`; {TransportError} `timeout`, `aborted`. */
function becomesReady(
  running: RunningProcess,
  ready: RegExp,
  readyMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (error?: Sgp33Error): void => {
      clearTimeout(timer);
      forget();
      signal?.removeEventListener('abort', abort);
      if (error === undefined) resolve();
      else reject(error);
    };
    const said = (): string => running.output.text.slice(-400);
    const timer = setTimeout(
      () =>
        over(
          new TransportError('timeout', `the device was not ready in ${readyMs} ms`, {
            expected: String(ready),
            actual: said(),
          }),
        ),
      readyMs,
    );
    const abort = (): void => over(new TransportError('aborted', 'the start of the device was aborted'));
    const forget = running.watch((text) => {
      if (ready.test(text)) over();
    });
    signal?.addEventListener('abort', abort, { once: true });
    if (ready.test(running.output.text)) over();
    void running.ended.then((end) =>
      over(
        new Sgp33Error('trigger-failed', 'the device ended before it was ready', {
          actual: `${end.signal ?? `exit code ${end.exitCode ?? '?'}`} ${said()}`.trim(),
        }),
      ),
    );
  });
}
