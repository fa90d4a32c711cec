import { describe, expect, it } from 'vitest';
import { runSequence } from '../../src/engine/run-sequence.js';
import type { SequenceResult } from '../../src/engine/result.js';
import { applicable, builtInDriver, ownSuite, planAll, sessionWith } from './support/built-in.js';

async function runAll(defects: readonly string[]): Promise<SequenceResult[]> {
  const session = sessionWith(builtInDriver(defects));
  const results: SequenceResult[] = [];
  for (const sequence of applicable()) results.push((await runSequence(sequence, session)).result);
  await session.driver.close();
  return results;
}

const notPassed = (results: readonly SequenceResult[]): string[] =>
  results
    .filter((r) => r.verdict !== 'PASS')
    .map((r) => `${r.id} ${r.verdict} ${r.problems.map((p) => `${p.cause}: ${p.message}`).join(' | ')}`);

describe('the built-in eUICC', { timeout: 120_000 }, () => {
  it('passes every applicable sequence', async () => {
    const results = await runAll([]);
    expect(notPassed(results)).toEqual([]);
    expect(results.length).toBeGreaterThan(100);
    expect(results.every((r) => r.steps.some((s) => s.phase === 'test' && s.requirements.length > 0))).toBe(
      true,
    );
  });

  it('is left out of a sequence only by an option that it declares not to have', () => {
    for (const { sequence, decision } of planAll())
      if (decision.kind !== 'run')
        expect(`${sequence.id} ${decision.kind} ${decision.reason}`).toMatch(/ not-applicable .*=false\)$/);
  });

  it.each(['unknown-eim-signed-error', 'delete-eim-not-effective', 'get-certs-unknown-ci-ok'])(
    'with the defect %s FAILs exactly the sequences that name it',
    async (defect) => {
      const results = await runAll([defect]);
      const named = ownSuite()
        .testCases.flatMap((t) => t.sequences)
        .filter((s) => s.kills.has(defect))
        .map((s) => s.id);
      const failed = results.filter((r) => r.verdict === 'FAIL').map((r) => r.id);
      expect(named.length).toBeGreaterThan(0);
      expect(failed.sort()).toEqual(named.sort());
      for (const r of results)
        if (r.verdict === 'FAIL') expect(r.problems[0]?.requirements.length, r.id).toBeGreaterThan(0);
      expect(results.filter((r) => r.verdict === 'ERROR').map((r) => r.id)).toEqual([]);
    },
  );
});
