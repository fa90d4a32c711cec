import { describe, expect, test } from 'vitest';
import { targetFile } from '../../../src/cli/load.js';
import { planRun } from '../../../src/cli/run/plan-run.js';
import type { CardOutcomes, Outcome } from '../../../src/cli/teeth/outcome.js';
import { prove, type ProveOptions, type Runner } from '../../../src/cli/teeth/prove.js';
import type { Questions } from '../../../src/cli/teeth/questions.js';
import type { Pair } from '../../../src/cli/teeth/run-pairs.js';
import type { Part } from '../../../src/cli/teeth/targets.js';

const part: Part = {
  target: 'builtin-euicc',
  heavy: false,
  again: new Set<string>(),
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

  constructor(protected readonly questions: Record<string, Questions>) {}

  async run(pairs: readonly Pair[], onDone: Parameters<Runner['run']>[1]): Promise<void> {
    for (const pair of pairs) {
      this.pairs.push(pair);
      onDone({
        pair,
        outcome: this.outcomeOf(pair),
        questions: this.questions[pair.sequence] ?? { watched: [], asked: [] },
        durationMs: 1,
      });
    }
  }

  protected outcomeOf({ sequence: id, defect }: Pair): Outcome {
    return { id, verdict: defect === undefined ? 'PASS' : 'FAIL', requirements: [] };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

const tried = (runner: Played): [string | undefined, string][] =>
  runner.pairs.filter((p) => p.defect !== undefined).map((p) => [p.defect, p.sequence]);
const proveWith = (
  runner: Runner,
  {
    full = false,
    surprises = () => false,
    told = [],
  }: {
    full?: boolean;
    surprises?: ProveOptions['surprises'];
    told?: [string, CardOutcomes][];
  } = {},
) =>
  prove(
    [part],
    {
      jobs: 1,
      full,
      surprises,
      defectsOf: () => ['x', 'y', 'z'],
      concerns: () => true,
      onCard: (target, card) => told.push([target, card]),
    },
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
    const {
      parts: [outcomes],
    } = await proveWith(runner, { told });
    expect(runner.pairs.slice(0, 2)).toEqual(
      [a, b].map((sequence) => ({ target: part.target, sequence, defect: undefined, heavy: false })),
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
    await proveWith(runner, { full: true });
    expect(tried(runner)).toEqual(['x', 'y', 'z'].flatMap((defect) => [a, b].map((id) => [defect, id])));
  });

  test('none is left when a thread ends', async () => {
    const runner = new Played(questions);
    runner.run = () => Promise.reject(new Error('the thread ended'));
    await expect(proveWith(runner)).rejects.toThrow('the thread ended');
    expect(runner.closed).toBe(true);
  });

  test('those that surprise are run once more, and the second outcome counts', async () => {
    class Busy extends Played {
      protected override outcomeOf(pair: Pair): Outcome {
        const before = this.pairs.filter((p) => p.sequence === pair.sequence && p.defect === pair.defect);
        const slow = pair.defect === 'z' && pair.sequence === a && before.length === 1;
        const answer: Outcome = { id: pair.sequence, verdict: 'PASS', requirements: [] };
        return slow ? { ...answer, verdict: 'FAIL', cause: 'timeout' } : answer;
      }
    }
    const runner = new Busy(questions);
    const { parts, unsteady } = await proveWith(runner, {
      surprises: ({ defect }, { verdict }) => (defect === 'z') === (verdict === 'FAIL') || defect === 'x',
    });
    expect(tried(runner).slice(3)).toEqual([
      ['x', a],
      ['z', a],
    ]);
    expect(
      unsteady.map(({ pair, first, second }) => [pair.sequence, pair.defect, first.cause, second.verdict]),
    ).toEqual([[a, 'z', 'timeout', 'PASS']]);
    expect(parts[0]?.cards.flatMap((c) => c.outcomes.map((o) => o.verdict))).toEqual(Array(5).fill('PASS'));
  });

  test('a sequence that ended early on the clean IUT is asked again what it asks', async () => {
    class Late extends Played {
      protected override outcomeOf(pair: Pair): Outcome {
        const first = this.pairs.filter((p) => p.sequence === b).length <= 1 && pair.sequence === b;
        this.questions[b] = { watched: ['x', 'y', 'z'], asked: first ? [] : ['y'] };
        return { id: pair.sequence, verdict: first ? 'INCONCLUSIVE' : 'PASS', requirements: [] };
      }
    }
    const runner = new Late({ [a]: { watched: ['x', 'y', 'z'], asked: [] } });
    await proveWith(runner, { surprises: (_pair, { verdict }) => verdict !== 'PASS' });
    expect(tried(runner)).toEqual([['y', b]]);
  });
});
