/** The matrix: what each sequence does on a clean IUT and on each seeded defect that it can notice. */
import { Columns } from './columns.js';
import type { CardOutcomes, Outcome } from './outcome.js';
import { matters, type Questions } from './questions.js';
import { PairRunner, type Pair, type PairDone } from './run-pairs.js';
import type { Part } from './targets.js';

export interface ProveOptions {
  /** Worker threads. */
  readonly jobs: number;
  /** Also the pairs whose outcome is known: those where the sequence never makes the IUT ask for the defect. */
  readonly full: boolean;
  /** Defects to be tried on a part. */
  readonly defectsOf: (part: Part) => readonly string[];
  /** Whether one of them is to be tried with a sequence there. */
  readonly concerns: (pair: Pair & { readonly defect: string }) => boolean;
  /** Whether an outcome is another than expected: then the pair is run once more, and with little beside it. */
  readonly surprises: (pair: Pair, outcome: Outcome) => boolean;
  /** Told when a column of the matrix is complete. */
  readonly onCard: (target: string, card: CardOutcomes, count: number, of: number) => void;
}

export interface PartOutcomes extends Part {
  /** The clean IUT, and one for each defect. */
  readonly cards: readonly CardOutcomes[];
}

/** A pair that went one way under load and another way without. The second outcome is in the matrix. */
export interface Unsteady {
  readonly pair: Pair;
  readonly first: Outcome;
  readonly second: Outcome;
}

export interface Matrix {
  readonly parts: readonly PartOutcomes[];
  readonly unsteady: readonly Unsteady[];
}

/** Who runs pairs: {@link PairRunner}. */
export interface Runner {
  run(pairs: readonly Pair[], onDone: (done: PairDone) => void, atOnce?: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * First every sequence on a clean IUT, whose questions are kept; then the pairs that can go otherwise. In both rounds
 * those that surprise are run once more: a busy machine looks like an IUT that does not answer.
 */
export async function prove(
  parts: readonly Part[],
  options: ProveOptions,
  runner: Runner = new PairRunner(options.jobs),
): Promise<Matrix> {
  try {
    const questions = new Map<string, Questions>();
    const heard = ({ pair, questions: asked }: PairDone): void => void questions.set(placeOf(pair), asked);
    const clean = new Columns(parts, () => [undefined], options.onCard);
    await runner.run(clean.pairs(), (done) => {
      heard(done);
      clean.take(done);
    });
    // A sequence that ended early asked too little.
    const unsteady = await again(runner, clean, options.surprises, heard);
    const noticed = (pair: Pair): boolean => {
      const { defect } = pair;
      if (defect === undefined) return true;
      if (!options.concerns({ ...pair, defect })) return false;
      const asked = questions.get(placeOf(pair));
      return options.full || asked === undefined || matters(asked, defect);
    };
    const seeded = new Columns(parts, options.defectsOf, options.onCard, noticed);
    await runner.run(seeded.pairs(), (done) => seeded.take(done));
    unsteady.push(...(await again(runner, seeded, options.surprises)));
    return {
      parts: parts.map((p) => ({ ...p, cards: [...clean.of(p.target), ...seeded.of(p.target)] })),
      unsteady,
    };
  } finally {
    await runner.close();
  }
}

/** A sequence may be proven on more than one target. */
const placeOf = ({ target, sequence }: Pair): string => `${target} ${sequence}`;

async function again(
  runner: Runner,
  columns: Columns,
  surprises: ProveOptions['surprises'],
  onDone: (done: PairDone) => void = () => undefined,
): Promise<Unsteady[]> {
  const unsteady: Unsteady[] = [];
  const pairs = columns.outcomes().filter(([pair, outcome]) => surprises(pair, outcome));
  await runner.run(
    pairs.map(([pair]) => pair),
    (done) => {
      const { pair, outcome: second } = done;
      onDone(done);
      const first = columns.replace(pair, second);
      if (first.verdict !== second.verdict || first.cause !== second.cause)
        unsteady.push({ pair, first, second });
    },
    1,
  );
  return unsteady;
}
