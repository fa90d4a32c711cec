/** Run by live.test.ts in a vitest of its own: every stored sequence as one test, as `sgp33 run` does it. */
import { expect, test } from 'vitest';
import { reportLive } from '../../reports/index.js';
import { RunStore } from '../../src/engine/run-store.js';

const store = RunStore.open(process.env['SGP33_TEST_STORE'] ?? '');
const run = store.info();

for (const result of store.results()) {
  test(result.id, async ({ skip }) => {
    await reportLive({ run, result, timeline: store.timeline(result.id) });
    if (result.verdict === 'NOT_APPLICABLE' || result.verdict === 'NOT_RUN') skip(result.reason ?? '');
    expect(result.verdict).toBe('PASS');
  });
}
