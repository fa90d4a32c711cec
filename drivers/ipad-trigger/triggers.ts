/** The interpreter of a mapping of triggers. */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError, type TraceEvent } from '../contract.js';
import type { FactMap } from '../eim-contract.js';
import type { FiredTrigger, IpadTriggerName, IpadTriggers, TriggerEnd } from '../ipad-contract.js';
import { httpCaller, type HttpCaller } from '../management/http-call.js';
import { askAtTerminalWhether, callPrompt, needTerminal, type AskPerson } from '../management/prompt-call.js';
import { renderText } from '../management/render.js';
import { Commands } from './commands.js';
import { Device } from './device.js';
import { LIFETIMES, type Lifetime, type TriggerMapping, type TriggerWay } from './mapping.js';
import { asFailure, OutsideCalls, type OutsideCall } from './outside-calls.js';
import type { StartContext } from './start-process.js';
import { recorderOf, scopeOf, tracerOf, type Tracer } from './trace.js';

export interface TriggerContext {
  /** Values of `{env.NAME}`; by default those of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the driver was opened. */
  readonly now?: () => number;
  /** Asks a person; by default at the terminal. */
  readonly ask?: AskPerson;
}

const askWhetherDone = askAtTerminalWhether('Done? [y, or why it could not be done]');

/** Nothing happens before the first trigger. */
export function createIpadTriggers(mapping: TriggerMapping, context: TriggerContext = {}): IpadTriggers {
  const start = performance.now();
  const now = context.now ?? ((): number => performance.now() - start);
  return new Triggers(mapping, context, tracerOf(mapping, context.env ?? process.env, now));
}

/** One trigger being fired. */
interface Firing extends StartContext {
  readonly signal: AbortSignal | undefined;
}

type DeviceWay = Extract<TriggerWay, { kind: 'signal' | 'stdin' | 'start' | 'stop' | 'restart' }>;

class Triggers implements IpadTriggers {
  readonly mapped: ReadonlySet<IpadTriggerName>;
  readonly #device: Device | undefined;
  readonly #commands: Commands;
  readonly #outside: OutsideCalls;
  readonly #http: HttpCaller;
  #closed = false;

  constructor(
    private readonly mapping: TriggerMapping,
    private readonly context: TriggerContext,
    private readonly tracer: Tracer,
  ) {
    this.mapped = new Set(mapping.triggers.keys());
    const ways = [...mapping.triggers.values()];
    const input = ways.some(({ kind }) => kind === 'stdin') || mapping.process?.reset !== undefined;
    this.#device = mapping.process === undefined ? undefined : new Device(mapping.process, input, tracer);
    this.#commands = new Commands(tracer);
    this.#outside = new OutsideCalls(tracer);
    this.#http = httpCaller(mapping.http, undefined);
  }

  get alive(): boolean | undefined {
    return this.#device?.isAlive;
  }

  takeDeath(): TriggerEnd | undefined {
    return this.#device?.takeDeath();
  }

  async fire(name: IpadTriggerName, parameters: FactMap, signal?: AbortSignal): Promise<FiredTrigger> {
    const way = this.mapping.triggers.get(name);
    if (way === undefined)
      throw new Sgp33Error('trigger-not-mapped', `the target does not say how the device does ${name}`, {
        expected: [...this.mapped].join(', '),
        repair: `Add ${name} to driver.triggers of the target.`,
      });
    if (this.#closed) throw new Sgp33Error('driver-not-open', 'the triggers are closed', { place: name });
    if (signal?.aborted === true)
      throw new TransportError('aborted', 'the trigger was not fired', { place: name });
    const recorder = recorderOf(this.tracer);
    const { settings = {}, folder = process.cwd() } = this.mapping;
    const known: FactMap = { ...parameters, trigger: name, uuid: randomUUID() };
    const scope = scopeOf(known, settings, this.#env);
    try {
      const { ended } = await this.#fire(way, { scope, parameters: known, folder, recorder, signal });
      // Whoever does not look at it shall not end the run.
      ended?.catch(() => undefined);
      return { ended, events: recorder.events };
    } catch (error) {
      throw asFailure(error, recorder);
    }
  }

  async settle(): Promise<readonly TraceEvent[]> {
    return this.#stop(['sequence']);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#stop(LIFETIMES);
    await this.#http.close();
  }

  async #fire(way: TriggerWay, firing: Firing): Promise<{ ended: Promise<TriggerEnd> | undefined }> {
    const { scope, recorder, signal } = firing;
    switch (way.kind) {
      case 'command':
        return this.#commands.start(way, firing, signal);
      case 'http': {
        const accepted = (status: number): boolean =>
          way.accepted?.includes(status) ?? (status >= 200 && status < 300);
        const call: OutsideCall['call'] = (context) => this.#http.call(way.call, context);
        return { ended: this.#outside.start({ call, accepted }, scope, recorder, signal) };
      }
      case 'prompt': {
        const ask = this.context.ask ?? atTerminal();
        const call: OutsideCall['call'] = (context) => callPrompt(way.call, ask, context);
        return { ended: this.#outside.start({ call, accepted: undefined }, scope, recorder, signal) };
      }
      case 'wait':
        recorder.record('note', 'nothing is done: the device acts by itself');
        return { ended: undefined };
      default:
        return this.#fireAtDevice(way, firing);
    }
  }

  async #fireAtDevice(way: DeviceWay, firing: Firing): Promise<{ ended: Promise<TriggerEnd> | undefined }> {
    const device = this.#device;
    if (device === undefined)
      throw new Sgp33Error('trigger-failed', 'the target says of no process that it is the device', {
        repair: 'Add driver.process to the target.',
      });
    const { recorder, signal, scope } = firing;
    if (way.kind === 'stop' || way.kind === 'restart') {
      const end = await device.stop(recorder);
      for (const event of end?.events ?? []) recorder.events.push(event);
      if (way.kind === 'stop') return { ended: end === undefined ? undefined : Promise.resolve(end) };
    }
    await device.start(firing, signal);
    const done = way.kind === 'signal' || way.kind === 'stdin' ? way.done : undefined;
    const ended = done === undefined ? undefined : device.says(done);
    if (way.kind === 'signal') {
      device.signal(way.signal);
      recorder.record('note', `${way.signal} sent to the device`);
    } else if (way.kind === 'stdin') {
      const text = renderText(way.text, scope) ?? '';
      device.write(text);
      recorder.record('note', 'written to the standard input of the device', Buffer.from(text));
    }
    return { ended };
  }

  async #stop(lifetimes: readonly Lifetime[]): Promise<readonly TraceEvent[]> {
    const recorder = recorderOf(this.tracer);
    await this.#outside.stop();
    const device = this.#device;
    // What a device has left that ended by itself goes in any case.
    const over = device !== undefined && (lifetimes.includes(device.lifetime) || !device.isAlive);
    const kept = over && !lifetimes.includes('run') && (await device.reset(recorder));
    const [end] = await Promise.all([
      over && !kept ? device.stop(recorder) : undefined,
      this.#commands.stop(lifetimes, recorder),
    ]);
    return [...recorder.events, ...(end?.events ?? [])].sort((a, b) => a.at - b.at);
  }

  get #env(): Readonly<Record<string, string | undefined>> {
    return this.context.env ?? process.env;
  }
}

/** @throws {Sgp33Error} `trigger-failed` where nobody is there, before anything is said. */
function atTerminal(): AskPerson {
  try {
    needTerminal();
  } catch (cause) {
    throw new Sgp33Error('trigger-failed', 'there is nobody to ask', {
      expected: 'a terminal',
      repair: 'Map the trigger to a command, an HTTP call or a process.',
      cause,
    });
  }
  return askWhetherDone;
}
