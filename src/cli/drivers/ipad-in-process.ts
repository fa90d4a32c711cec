/** The built-in IPAd in this process: for teeth, where a process for each sequence would take most of the time. */
import type { TraceEvent } from '../../../drivers/contract.js';
import type { FactMap } from '../../../drivers/eim-contract.js';
import {
  IPAD_TRIGGERS,
  type FiredTrigger,
  type IpadTriggerName,
  type IpadTriggers,
  type TriggerEnd,
} from '../../../drivers/ipad-contract.js';
import { Sgp33Error } from '../../protocol/errors.js';
import type { DefectObserver } from '../../simulators/defect-set.js';
import { Device, Ipad } from '../../simulators/ipad/index.js';
import { oneOf } from '../arguments.js';
import { parseIpadArguments } from '../ipad/command-options.js';
import { openInjection } from '../ipad/injection.js';
import { ipadOptionsOf } from '../ipad/options.js';

/** Triggers as those of a process with a line on standard input for each. */
export class IpadInProcess implements IpadTriggers {
  readonly mapped: ReadonlySet<IpadTriggerName> = new Set(IPAD_TRIGGERS);
  readonly alive = undefined;
  #device: Device | undefined;
  #injection: { close(): Promise<void> } | undefined;
  /** A fault of the tool that nobody waited for. */
  #fault: Error | undefined;
  #stop = new AbortController();

  /**
   * @param line options of `sgp33 serve ipad`, with `{name}` for parameters of the trigger.
   * @param observer is told what the IPAd asks for.
   */
  constructor(
    private readonly line: readonly string[],
    private readonly observer: DefectObserver,
  ) {}

  get busy(): boolean {
    return this.#device?.busy === true;
  }

  takeDeath(): undefined {
    return undefined;
  }

  /** @throws {Sgp33Error} those of the options, `unknown-defect` and `eim-listener` among them. */
  async fire(name: IpadTriggerName, parameters: FactMap): Promise<FiredTrigger> {
    if (name === 'stop') {
      await this.#end();
      return { ended: Promise.resolve(done('')), events: [] };
    }
    const device = (this.#device ??= await this.#make(parameters));
    const ended = tried(device, name);
    this.#watch(ended);
    return { ended, events: [] };
  }

  /** @throws whatever else than an answer of its own ended something that the device did. */
  async settle(): Promise<readonly TraceEvent[]> {
    await this.#end();
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault;
    return [];
  }

  close(): Promise<void> {
    return this.#end();
  }

  /** As with `--wait`: its start is a trigger like any other. */
  async #make(parameters: FactMap): Promise<Device> {
    const given = parseIpadArguments(this.line.map((text) => filled(text, parameters)));
    this.#stop = new AbortController();
    const options = {
      ...ipadOptionsOf(given, () => undefined),
      defectObserver: this.observer,
      signal: this.#stop.signal,
    };
    const device = new Device({
      make: () => new Ipad(options),
      boot: oneOf('--boot', given.boot, ['poll', 'start-up']),
    });
    this.#injection = await openInjection(given, device, () => undefined);
    return device;
  }

  #watch(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#fault ??= error instanceof Error ? error : new Error(String(error));
    });
  }

  async #end(): Promise<void> {
    const [device, injection] = [this.#device, this.#injection];
    this.#device = this.#injection = undefined;
    this.#stop.abort();
    await injection?.close();
    await device?.close();
  }
}

/** What keeps the device from it is no matter of the tool. */
async function tried(device: Device, name: IpadTriggerName): Promise<TriggerEnd> {
  try {
    await device.fire(name);
    return done(`done ${name}`);
  } catch (error) {
    if (!(error instanceof Sgp33Error)) throw error;
    return done(`failed ${name}: ${error.message} [${error.code}]`);
  }
}

const done = (output: string): TriggerEnd => ({
  how: 'done',
  output,
  outputBytes: output.length,
  events: [],
});

const filled = (text: string, parameters: FactMap): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    return typeof value === 'string' ? value : '';
  });
