import { expect, it } from 'vitest';
import type { IpadDriver } from '../../drivers/ipad-contract.js';
import { IpadTraffic } from '../../src/engine/ipad-traffic.js';
import { Recorder } from '../../src/engine/recorder.js';
import { ScriptedIpad } from './support/scripted-ipad.js';

const QUIET = 20;
const NEVER = 600_000;

it('does not wait on where the device became idle while that was looked at', async () => {
  const driver: IpadDriver = new ScriptedIpad(NEVER, QUIET);
  const traffic = new IpadTraffic(driver, new Recorder(), () => undefined);
  const began = performance.now();
  const idle = await traffic.wait(
    () => {
      if (traffic.idle) return true;
      // What is looked at takes its time: now the device has been quiet for long enough.
      while (performance.now() - began <= 2 * QUIET);
      return undefined;
    },
    performance.now() + NEVER,
    new AbortController().signal,
  );
  expect(idle).toBe(true);
});
