import { describe, expect, test } from 'vitest';
import { targetFile } from '../../../src/cli/load.js';
import { planRun } from '../../../src/cli/run/plan-run.js';
import type { Explained } from '../../../src/cli/teeth/explained.js';
import { judge } from '../../../src/cli/teeth/judge.js';
import type { CardOutcomes, Outcome } from '../../../src/cli/teeth/outcome.js';
import type { Cause, Verdict } from '../../../src/engine/result.js';
import type { Sequence } from '../../../src/engine/suite.js';

const [a, b] = ((): [Sequence, Sequence] => {
  const { planned } = planRun({
    target: targetFile(),
    filter: { ids: ['TC_eUICC_ES10b.GetEID'] },
    defects: [],
  });
  const [first, second] = planned.map((p) => p.sequence) as [Sequence, Sequence];
  return [
    { ...first, kills: new Map<string, Cause | undefined>([['x', 'wrong-value']]) },
    { ...second, kills: new Map([['y', undefined]]) },
  ];
})();

const outcome = (
  s: Sequence,
  verdict: Verdict,
  cause: Cause = 'wrong-value',
  requirements = ['R'],
): Outcome =>
  verdict === 'PASS' ? { id: s.id, verdict, requirements: [] } : { id: s.id, verdict, cause, requirements };
const card = (defect: string | undefined, ...outcomes: Outcome[]): CardOutcomes => ({
  defect,
  outcomes,
  durationMs: 1,
});
const CLEAN = card(undefined, outcome(a, 'PASS'), outcome(b, 'PASS'));
const explain = (defect: string, sequence: string): Explained => ({
  defect,
  sequence,
  why: 'it must',
  place: { file: 'suites/explained-kills.yaml', line: 1, column: 3 },
});
const unproven = (...args: Parameters<typeof judge>) => Object.fromEntries(judge(...args).unproven);

describe('a sequence is proven', () => {
  test('when it fails on what it names, with the stated cause, and on nothing else', () => {
    const cards = [
      CLEAN,
      card('x', outcome(a, 'FAIL'), outcome(b, 'PASS')),
      card('y', outcome(a, 'PASS'), outcome(b, 'FAIL', 'missing')),
    ];
    expect(unproven([a, b], cards, [])).toEqual({});
  });

  test.each([
    ['passes on its defect', outcome(a, 'PASS'), /not killed, PASS/],
    ['is inconclusive on it', outcome(a, 'INCONCLUSIVE'), /not killed, INCONCLUSIVE/],
    ['fails without a requirement', outcome(a, 'FAIL', 'wrong-value', []), /not killed/],
    [
      'fails by another cause than the stated',
      outcome(a, 'FAIL', 'timeout'),
      /killed by FAIL {2}timeout, stated is wrong-value/,
    ],
  ])('not when it %s', (_what, onX, reason) => {
    expect(unproven([a, b], [CLEAN, card('x', onX, outcome(b, 'PASS'))], [])).toEqual({
      [a.id]: [expect.stringMatching(reason)],
    });
  });

  test('not when the clean card fails it', () => {
    expect(unproven([a], [card(undefined, outcome(a, 'INCONCLUSIVE'))], [])).toEqual({
      [a.id]: [expect.stringMatching(/the clean IUT: INCONCLUSIVE/)],
    });
  });

  test('not when it fails on a defect of another, unless that is explained', () => {
    const cards = [CLEAN, card('x', outcome(a, 'FAIL'), outcome(b, 'FAIL'))];
    expect(unproven([a, b], cards, [])).toEqual({
      [b.id]: [expect.stringMatching(/defect x: failed, and is not named/)],
    });
    expect(unproven([a, b], cards, [explain('x', b.id)])).toEqual({});
  });

  test('not when nothing that it does makes the IUT ask for its defect', () => {
    expect(unproven([a, b], [CLEAN, card('x', outcome(b, 'PASS'))], [])).toEqual({
      [a.id]: [expect.stringMatching(/defect x: not killed, the IUT never asks for it/)],
    });
  });

  test('an explanation of nothing is told, but not for a defect that was not tried', () => {
    const { stale } = judge(
      [a, b],
      [CLEAN, card('x', outcome(a, 'FAIL'), outcome(b, 'PASS'))],
      [explain('x', b.id), explain('y', a.id)],
    );
    expect(stale).toEqual([
      expect.stringMatching(/explained-kills\.yaml:1:3: .*#02 does not fail unnamed on x/),
    ]);
  });
});
