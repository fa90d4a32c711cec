import { expect, it } from 'vitest';
import { Gate } from '../../src/engine/gate.js';

it('lets many in at once, and one alone when they are out, in the order of coming', async () => {
  const gate = new Gate();
  const log: string[] = [];
  const [a, b] = [await gate.enter(false), await gate.enter(false)];
  const alone = gate.enter(true).then((leave) => (log.push('alone'), leave));
  const after = gate.enter(false).then((leave) => (log.push('after'), leave));
  a();
  await Promise.resolve();
  expect(log).toEqual([]);
  b();
  const leave = await alone;
  expect(log).toEqual(['alone']);
  leave();
  // Leaving twice is leaving once.
  leave();
  (await after)();
  expect(log).toEqual(['alone', 'after']);
  (await gate.enter(true))();
});
