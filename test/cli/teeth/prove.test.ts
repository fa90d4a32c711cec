import { describe, expect, test } from 'vitest';
import { targetFile } from '../../../src/cli/load.js';
import { planRun } from '../../../src/cli/run/plan-run.js';
import type { CardOutcomes } from '../../../src/cli/teeth/outcome.js';
import { prove, type Runner } from '../../../src/cli/teeth/prove.js';
import type { Questions } from '../../../src/cli/teeth/questions.js';
import type { Pair } from '../../../src/cli/teeth/run-pairs.js';
import type { Part } from '../../../src/cli/teeth/targets.js';

const part: Part = {
  target: 'builtin-euicc',
  sequences: planRun({
    target: targetFile(),
    filter: { ids: ['TC_eUICC_ES10b.GetEID'] },
    defects: [],
  })
    .planned.map((p) => p.sequence)
    .slice(0, 2),
};
const [a = '', b = ''] = part.sequences.map((s) => s.id);

/** An IUT that asks for these on the way through each sequence, and fails wherever a defect is there. */
class Played implements Runner {
  readonly pairs: Pair[] = [];
  closed = false;

  constructor(private readonly questions: Readonly<Record<string, Questions>>) {}

  async run(pairs: readonly Pair[], onDone: Parameters<Runner['run']>[1]): Promise<void> {
    for (const pair of pairs) {
      this.pairs.push(pair);
      const { sequence: id, defect } = pair;
      onDone({
        pair,
        outcome: { id, verdict: defect === undefined ? 'PASS' : 'FAIL', requirements: [] },
        questions: this.questions[id] ?? { watched: [], asked: [] },
        durationMs: 1,
      });
    }
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

const tried = (runner: Played): [string | undefined, string][] =>
  runner.pairs.filter((p) => p.defect !== undefined).map((p) => [p.defect, p.sequence]);
const proveWith = (runner: Runner, full = false, told: [string, CardOutcomes][] = []) =>
  prove(
    [part],
    { jobs: 1, full, defectsOf: () => ['x', 'y', 'z'], onCard: (target, card) => told.push([target, card]) },
    runner,
  );

describe('of the pairs of a defect and a sequence', () => {
  const questions = {
    [a]: { watched: ['x', 'y'], asked: ['x'] },
    [b]: { watched: ['x', 'y'], asked: [] },
  };

  test('those are run where the IUT asked for the defect, or does not tell', async () => {
    const runner = new Played(questions);
    const told: [string, CardOutcomes][] = [];
    const [outcomes] = await proveWith(runner, false, told);
    expect(runner.pairs.slice(0, 2)).toEqual(
      [a, b].map((sequence) => ({ target: part.target, sequence, defect: undefined })),
    );
    expect(tried(runner)).toEqual([
      ['x', a],
      ['z', a],
      ['z', b],
    ]);
    expect(outcomes?.cards.map((c) => [c.defect, c.outcomes.map((o) => o.id)])).toEqual([
      [undefined, [a, b]],
      ['x', [a]],
      ['y', []],
      ['z', [a, b]],
    ]);
    expect(told.map(([, card]) => card.defect).sort()).toEqual(['x', 'y', 'z', undefined]);
    expect(runner.closed).toBe(true);
  });

  test('all are run on demand', async () => {
    const runner = new Played(questions);
    await proveWith(runner, true);
    expect(tried(runner)).toEqual(['x', 'y', 'z'].flatMap((defect) => [a, b].map((id) => [defect, id])));
  });

  test('none is left when a thread ends', async () => {
    const runner = new Played(questions);
    runner.run = () => Promise.reject(new Error('the thread ended'));
    await expect(proveWith(runner)).rejects.toThrow('the thread ended');
    expect(runner.closed).toBe(true);
  });
});
