import { describe, expect, test } from 'vitest';
import { TransportError, type EuiccDriver, type TransportErrorCode } from '../../drivers/contract.js';
import { targetFile } from '../../src/cli/load.js';
import { planRun, sessionFor, type PlannedRun } from '../../src/cli/run/plan-run.js';
import { SequenceExecutor } from '../../src/cli/vitest/sequence-executor.js';
import { Session } from '../../src/engine/session.js';
import { loadPkiFolder } from '../../src/protocol/pki/folder.js';

const planned = (): PlannedRun =>
  planRun({ target: targetFile(), filter: { ids: ['TC_eUICC_ES10b.GetEUICCInfo'] }, defects: [] });

async function executeAll(run: PlannedRun, executor: SequenceExecutor) {
  const results = [];
  for (const p of run.planned) results.push((await executor.execute(p)).result);
  return results;
}

/** An IUT that can not be opened. */
function deadDriver(code: TransportErrorCode): EuiccDriver & { opened: number } {
  return {
    kind: 'eUICC',
    identity: { transport: 'test' },
    canPersonalise: false,
    opened: 0,
    async open() {
      this.opened++;
      throw new TransportError(code, 'nobody is there');
    },
    exchange: () => Promise.reject(new TransportError(code, 'nobody is there')),
    personalise: async () => undefined,
    close: async () => undefined,
  };
}

describe('a run', () => {
  test.each([
    ['card-removed', 'environment'],
    ['timeout', 'timeout'],
  ] as const)('of an IUT that is gone (%s) ends in order', async (code, cause) => {
    const run = planned();
    const driver = deadDriver(code);
    const session = new Session({ suite: run.suite, target: run.target, driver, pki: loadPkiFolder() });
    const results = await executeAll(run, new SequenceExecutor(run, session, new AbortController().signal));
    const tried = results.filter((r) => r.verdict === 'INCONCLUSIVE');
    expect(tried.map((r) => r.problems[0]?.cause)).toEqual([cause, cause, cause]);
    const rest = results.filter((r) => r.verdict === 'NOT_RUN');
    expect(rest.length).toBeGreaterThan(0);
    expect(rest[0]?.reason).toMatch(/gave no answer in 3 sequences/);
  });

  test('that is interrupted says so of the rest, and of what does not apply its own reason', async () => {
    const run = planned();
    const session = sessionFor(run);
    const results = await executeAll(run, new SequenceExecutor(run, session, AbortSignal.abort()));
    const applicable = results.filter((r) => r.verdict !== 'NOT_APPLICABLE');
    expect(new Set(applicable.map((r) => `${r.verdict} ${r.reason ?? ''}`))).toEqual(
      new Set(['NOT_RUN the run was interrupted']),
    );
    expect(results.find((r) => r.verdict === 'NOT_APPLICABLE')?.reason).toMatch(/P_E_IPAE|O_E_INTEGRATED/);
  });
});
