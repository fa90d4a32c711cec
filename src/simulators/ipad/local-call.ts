/** One local function at the eUICC; while the card is busy it is asked again (SGP.32 5.9, catBusy). */
import { setTimeout as delay } from 'node:timers/promises';
import { Sgp33Error } from '../../protocol/errors.js';
import type { IpadCore } from './core.js';
import { localCode, localRequest, type LocalFunction, type LocalRequest } from './local-functions.js';

export interface LocalAnswer {
  readonly request: LocalRequest;
  /** 0: done; undefined: an answer that can not be read. */
  readonly code: number | undefined;
}

const CAT_BUSY = 5;

/** @throws {Sgp33Error} `ipad-local-function` for a function that this device has not; what the card throws. */
export async function callLocally(name: LocalFunction, core: IpadCore): Promise<LocalAnswer> {
  const { options, card, network, defects, stop, log } = core;
  const request = localRequest(name, {
    version: options.version,
    refreshFlag: options.refreshFlag ?? true,
    memoryReset: options.memoryReset ?? ['deleteOperationalProfiles'],
    initialEim: options.initialEim,
    defects,
  });
  if (request === undefined)
    throw new Sgp33Error('ipad-local-function', `this device has no ${name}`, {
      repair: 'Give it what the function needs (--initial-eim), or take SGP.32 v1.2.',
    });
  const { retries, retryDelayMs } = network.timings;
  for (let tries = 0; ; tries++) {
    const answer = await card.es10(request.command);
    const code = localCode(request, answer);
    log(`${name}: ${code === undefined ? 'an answer that can not be read' : String(code)}`);
    const loops = code !== 0 && defects.has('refused-function-repeated');
    const again = (code === CAT_BUSY && name !== 'addInitialEim') || loops;
    if (!again || tries >= retries || stop.aborted) return { request, code };
    await delay(retryDelayMs, undefined, { signal: stop }).catch(() => undefined);
  }
}
