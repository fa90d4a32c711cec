/** Runs inside vitest's worker: one test a sequence. Started by `sgp33 run` only. */
import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, inject, test } from 'vitest';
import { failureText, progressLine, reportLive } from '../../../reports/index.js';
import { RunStore } from '../../engine/run-store.js';
import type {} from '../run/handover.js';
import { planRun, sessionFor } from '../run/plan-run.js';
import { SequenceExecutor } from './sequence-executor.js';

const { request, store: folder, shown, info, colour, pidFile, stopFile } = inject('sgp33');
const interruption = new AbortController();
process.on('SIGINT', () => interruption.abort());
writeFileSync(pidFile, String(process.pid));
if (existsSync(stopFile)) interruption.abort();

const store = RunStore.open(folder);
const run = planRun(request);
const session = sessionFor(run, { eid: request.eid });
const executor = new SequenceExecutor(run, session, interruption.signal);

// Sequences on an eIM have devices of their own: so many at a time as the target allows (execute.ts says it to vitest).
const declare = run.target.concurrent > 1 ? test.concurrent : test;
for (const planned of run.planned)
  declare(planned.sequence.id, { timeout: 0 }, async ({ task, skip }) => {
    const { result, timeline } = await executor.execute(planned);
    store.append(result, timeline);
    const failure = failureText(result, { colour, run: shown });
    task.meta.sgp33 = { verdict: result.verdict, progress: progressLine(result, { colour }), failure };
    await reportLive({ run: info, result, timeline });
    if (result.verdict === 'NOT_APPLICABLE' || result.verdict === 'NOT_RUN') skip(result.reason ?? '');
    if (result.verdict !== 'PASS') throw new Error(failure);
  });

afterAll(() => session.driver.close());
