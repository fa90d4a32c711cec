/** The IPAd as a program that goes on: lines on standard input, SIGUSR1 and a timer trigger it. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { meant } from '../../protocol/did-you-mean.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { TRIGGERS, type Device, type Trigger } from '../../simulators/ipad/index.js';

export interface RunDeviceOptions {
  readonly device: Device;
  readonly input: Readable;
  /** The end of the input is the end of the device: whoever told it what to do is gone. */
  readonly endsWithInput: boolean;
  /** Milliseconds between the end of a poll and the next; undefined: only when it is told to. */
  readonly everyMs: number | undefined;
  /** Its start is a trigger like any other. */
  readonly waits: boolean;
  readonly say: (line: string) => void;
  /** Ends it. */
  readonly stop: AbortController;
}

const RESET = 'reset';

/**
 * Says `ready`, then `done TRIGGER` or `failed TRIGGER: why` for each thing that it was told. Ends with `stop`, and
 * when it is aborted.
 */
export async function runDevice(options: RunDeviceOptions): Promise<void> {
  const { device, input, endsWithInput, everyMs, waits, say, stop } = options;
  const run = async (trigger: Trigger): Promise<void> => {
    try {
      await device.fire(trigger);
      say(`done ${trigger}`);
    } catch (error) {
      if (!(error instanceof Sgp33Error)) throw error;
      say(`failed ${trigger}: ${error.message} [${error.code}]`);
    }
    if (trigger === 'stop') stop.abort();
  };
  const pending = new Set<Promise<void>>();
  const faults: unknown[] = [];
  const reset = async (): Promise<void> => {
    await device.reset();
    say(`done ${RESET}`);
  };
  const begin = (trigger: Trigger): void => enter(run(trigger));
  const enter = (task: Promise<void>): void => {
    const work = task
      .catch((error: unknown) => {
        faults.push(error);
        stop.abort();
      })
      .finally(() => pending.delete(work));
    pending.add(work);
  };
  const lines = createInterface({ input });
  const onUser = (): void => begin('poll');
  process.on('SIGUSR1', onUser);
  const timer = everyMs === undefined ? undefined : every(everyMs, () => run('poll'), stop.signal);
  try {
    if (!waits) begin('start');
    say('ready');
    lines.on('line', (line) => {
      const text = line.trim();
      if (text === RESET) return enter(reset());
      const trigger = triggerOf(text);
      if (trigger === undefined) say(`unknown trigger ${JSON.stringify(line.slice(0, 80))}${hint(line)}`);
      else begin(trigger);
    });
    const over = new Promise<void>((done) => stop.signal.addEventListener('abort', () => done()));
    const inputEnds = new Promise<void>((done) => lines.once('close', () => done()));
    await (endsWithInput ? Promise.race([over, inputEnds]) : over);
    await Promise.all(pending);
    if (faults.length > 0) throw faults[0];
  } finally {
    process.off('SIGUSR1', onUser);
    lines.close();
    input.destroy();
    stop.abort();
    await timer;
  }
}

/** The next one begins an interval after the one before has ended, so that a slow eIM is not asked more often. */
async function every(ms: number, work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (;;) {
    await delay(ms, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await work();
  }
}

export const triggerOf = (text: string): Trigger | undefined => TRIGGERS.find((name) => name === text);

const hint = (line: string): string => {
  const near = meant(line.trim().slice(0, 80), TRIGGERS);
  return near === undefined ? '' : `. ${near}`;
};
