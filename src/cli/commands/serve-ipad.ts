/** `sgp33 serve ipad`: the built-in IPAd as a device of its own. */
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Sgp33Error } from '../../protocol/errors.js';
import { Device, Ipad, TRIGGERS } from '../../simulators/ipad/index.js';
import { count, oneOf } from '../arguments.js';
import { openInjection } from '../ipad/injection.js';
import { ipadOptionsOf, type ServeIpadCommandOptions } from '../ipad/options.js';
import { runDevice } from '../ipad/run-device.js';
import { print, printError } from '../output.js';

const FAILED = 1;

/** @returns 0 when the device did what it was told, or was ended; 1, with the reason on standard error, otherwise. */
export async function serveIpadCommand(given: ServeIpadCommandOptions): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const log = given.verbose === true ? print : (): void => undefined;
    const options = { ...ipadOptionsOf(given, log), signal: stop.signal };
    const device = new Device({
      make: () => new Ipad(options),
      boot: oneOf('--boot', given.boot, ['poll', 'start-up']),
    });
    const injection = await openInjection(given, device, log);
    if (injection !== undefined) print(`injection ${injection.url}`);
    try {
      return given.once === undefined ? await goOn(given, device, stop) : await doOnce(given.once, device);
    } finally {
      await injection?.close();
      await device.close();
    }
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

async function doOnce(once: string, device: Device): Promise<number> {
  const trigger = oneOf('--once', once, TRIGGERS);
  try {
    await device.fire(trigger);
    return 0;
  } catch (error) {
    if (!(error instanceof Sgp33Error)) throw error;
    printError(`${error.message} [${error.code}]`);
    return FAILED;
  }
}

async function goOn(given: ServeIpadCommandOptions, device: Device, stop: AbortController): Promise<number> {
  const everyMs = given.every === undefined ? undefined : Math.max(1, count('--every', given.every));
  const { stdin } = process;
  await runDevice({
    device,
    input: stdin,
    endsWithInput: isFromSomebody(),
    everyMs,
    waits: given.wait === true,
    say: print,
    stop,
  });
  return 0;
}

/** A terminal, a pipe or a socket: somebody is at the other end. /dev/null has none, and signals are all that comes. */
function isFromSomebody(): boolean {
  const input = fstatSync(0);
  return isatty(0) || input.isFIFO() || input.isSocket();
}
