import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { within } from '../../src/engine/sequence-run.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a deadline outlives the garbage collection', async () => {
  const limited = within(300, undefined);
  for (let i = 0; i < 3; i++) {
    await nextTurn();
    collectGarbage();
  }
  // Nothing but this wait is under way, so what keeps the process from ending is not the deadline.
  const wait = setInterval(() => undefined, 1000);
  try {
    if (!limited.aborted) await once(limited, 'abort');
    expect((limited.reason as Error).name).toBe('TimeoutError');
  } finally {
    clearInterval(wait);
  }
});

test('the signal of the run ends it before', () => {
  const run = new AbortController();
  const limited = within(60_000, run.signal);
  expect(limited.aborted).toBe(false);
  run.abort();
  expect(limited.aborted).toBe(true);
});
