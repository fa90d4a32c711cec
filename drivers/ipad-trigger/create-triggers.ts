/** The interpreter of a mapping of triggers. */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Sgp33Error } from '../../src/protocol/errors.js';
import type { TraceEvent } from '../contract.js';
import type { FactMap } from '../eim-contract.js';
import type { FiredTrigger, IpadTriggerName, IpadTriggers, TriggerEnd } from '../ipad-contract.js';
import type { Value } from '../management/filters.js';
import { httpCaller, type HttpCaller } from '../management/http-call.js';
import { askAtTerminalWhether, type AskPerson } from '../management/prompt-call.js';
import type { Scope } from '../management/render.js';
import { callByHttp, callPerson } from './calls.js';
import { DeviceProcess, type Begun } from './device-process.js';
import type { CommandWay, TriggerMapping, TriggerWay } from './mapping.js';
import { endOf, startOf, stoppedEvents } from './process-ends.js';
import { RunningProcess } from './running-process.js';

export interface TriggerContext {
  /** Values of `{env.NAME}`; by default those of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the driver was opened, for `at` of the events. */
  readonly now?: () => number;
  /** Asks a person; by default at the terminal. */
  readonly ask?: AskPerson;
}

/** Nothing is started before the first trigger. */
export function createIpadTriggers(mapping: TriggerMapping, context: TriggerContext = {}): IpadTriggers {
  return new Triggers(mapping, context);
}

interface Running {
  readonly process: RunningProcess;
  readonly lifetime: CommandWay['lifetime'];
}

class Triggers implements IpadTriggers {
  readonly mapped: ReadonlySet<IpadTriggerName>;
  readonly #commands = new Set<Running>();
  readonly #device: DeviceProcess | undefined;
  readonly #http: HttpCaller;
  readonly #now: () => number;

  constructor(
    private readonly mapping: TriggerMapping,
    private readonly context: TriggerContext,
  ) {
    const start = performance.now();
    this.#now = context.now ?? ((): number => performance.now() - start);
    this.mapped = new Set(mapping.triggers.keys());
    this.#http = httpCaller(mapping.http, undefined);
    this.#device =
      mapping.process === undefined
        ? undefined
        : new DeviceProcess(mapping.process, this.#folder, (text) => this.#note(text));
  }

  get #folder(): string {
    return this.mapping.folder ?? process.cwd();
  }

  async fire(name: IpadTriggerName, parameters: FactMap, signal?: AbortSignal): Promise<FiredTrigger> {
    const way = this.mapping.triggers.get(name);
    if (way === undefined)
      throw new Sgp33Error('trigger-not-mapped', `the target does not map the trigger ${name}`, {
        expected: [...this.mapped].join(', '),
        repair: `Add ${name} to driver.triggers of the target.`,
      });
    const scope: Scope = [
      parameters,
      {
        trigger: name,
        uuid: randomUUID(),
        env: (this.context.env ?? process.env) as Value,
        settings: this.mapping.settings ?? {},
      },
    ];
    const events: TraceEvent[] = [this.#note(`trigger ${name}`)];
    const { ended } = await this.#go(name, way, scope, events, signal);
    // Whoever does not look at it shall not be told of it as of a fault of the tool.
    ended?.catch(() => undefined);
    return { ended, events };
  }

  #go(
    name: IpadTriggerName,
    way: TriggerWay,
    scope: Scope,
    events: TraceEvent[],
    signal: AbortSignal | undefined,
  ): Promise<Begun> {
    const called = {
      scope,
      signal,
      record: (kind: TraceEvent['kind'], text: string, bytes?: Uint8Array) =>
        void events.push({ at: this.#now(), kind, text, ...(bytes === undefined ? {} : { bytes }) }),
    };
    switch (way.kind) {
      case 'wait':
        return Promise.resolve({ ended: undefined });
      case 'command':
        return this.#command(way, scope, events, signal);
      case 'http':
        return Promise.resolve({ ended: callByHttp(this.#http, way, called) });
      case 'prompt': {
        const ask = this.context.ask ?? askAtTerminalWhether('Done? [y, or why not]');
        return Promise.resolve({ ended: callPerson(way.call, ask, called) });
      }
      default:
        return this.#deviceOf(name).act(way, scope, events, signal);
    }
  }

  async #command(
    way: CommandWay,
    scope: Scope,
    events: TraceEvent[],
    signal: AbortSignal | undefined,
  ): Promise<Begun> {
    const running = await RunningProcess.start(startOf(way, this.#folder, scope, false));
    const entry: Running = { process: running, lifetime: way.lifetime };
    this.#commands.add(entry);
    events.push(this.#note(`process ${running.pid} started`));
    const stop = (): void => void running.stop();
    signal?.addEventListener('abort', stop, { once: true });
    const timer = way.timeoutMs === undefined ? undefined : setTimeout(stop, way.timeoutMs);
    const ended = running.ended.then((end) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      return endOf(running, end, (text) => this.#note(text));
    });
    return { ended: way.timeoutMs === undefined ? undefined : ended };
  }

  #deviceOf(name: IpadTriggerName): DeviceProcess {
    if (this.#device !== undefined) return this.#device;
    throw new Sgp33Error('trigger-failed', `the trigger ${name} needs a process, and the target has none`, {
      repair: 'Add `process:` to the driver of the target.',
    });
  }

  get alive(): boolean | undefined {
    return this.#device?.alive;
  }

  takeDeath(): TriggerEnd | undefined {
    return this.#device?.takeDeath();
  }

  settle(): Promise<readonly TraceEvent[]> {
    return this.#end((lifetime) => lifetime === 'sequence');
  }

  async close(): Promise<void> {
    await this.#end(() => true);
    await this.#http.close();
  }

  /** Ends processes of these lifetimes, with all that came of them. */
  async #end(which: (lifetime: CommandWay['lifetime']) => boolean): Promise<TraceEvent[]> {
    const events: TraceEvent[] = [];
    const over = [...this.#commands].filter(({ lifetime }) => which(lifetime));
    await Promise.all(
      over.map(async (running) => {
        events.push(...stoppedEvents(await running.process.stop(), (text) => this.#note(text)));
        this.#commands.delete(running);
      }),
    );
    const device = this.#device;
    if (device !== undefined && which(device.lifetime)) events.push(...(await device.stop()));
    return events;
  }

  #note(text: string): TraceEvent {
    return { at: this.#now(), kind: 'note', text };
  }
}
