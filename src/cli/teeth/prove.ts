/** The matrix: what each sequence does on a clean IUT and on each seeded defect that it can notice. */
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
  /** Told when a column of the matrix is complete. */
  readonly onCard: (target: string, card: CardOutcomes, count: number, of: number) => void;
}

export interface PartOutcomes extends Part {
  /** The clean IUT, and one for each defect. */
  readonly cards: readonly CardOutcomes[];
}

/** Who runs pairs: {@link PairRunner}. */
export interface Runner {
  run(pairs: readonly Pair[], onDone: (done: PairDone) => void): Promise<void>;
  close(): Promise<void>;
}

/** First every sequence on a clean IUT, whose questions are kept; then the pairs that can go otherwise. */
export async function prove(
  parts: readonly Part[],
  options: ProveOptions,
  runner: Runner = new PairRunner(options.jobs),
): Promise<PartOutcomes[]> {
  try {
    const questions = new Map<string, Questions>();
    const clean = new Columns(parts, () => [undefined], options.onCard);
    await runner.run(clean.pairs(), (done) => {
      questions.set(done.pair.sequence, done.questions);
      clean.take(done);
    });
    const noticed = ({ sequence, defect }: Pair): boolean => {
      const asked = questions.get(sequence);
      return options.full || defect === undefined || asked === undefined || matters(asked, defect);
    };
    const seeded = new Columns(parts, options.defectsOf, options.onCard, noticed);
    await runner.run(seeded.pairs(), (done) => seeded.take(done));
    return parts.map((part) => ({ ...part, cards: [...clean.of(part.target), ...seeded.of(part.target)] }));
  } finally {
    await runner.close();
  }
}

interface Column {
  readonly target: string;
  readonly defect: string | undefined;
  readonly pairs: readonly Pair[];
  readonly outcomes: Outcome[];
  /** Summed up over its pairs, milliseconds. */
  durationMs: number;
}

/** The pairs of one round, and what has come of them. */
class Columns {
  readonly #columns: readonly Column[];
  readonly #byKey = new Map<string, Column>();
  #complete = 0;

  constructor(
    parts: readonly Part[],
    defectsOf: (part: Part) => readonly (string | undefined)[],
    private readonly onCard: ProveOptions['onCard'],
    wanted: (pair: Pair) => boolean = () => true,
  ) {
    this.#columns = parts.flatMap((part) =>
      defectsOf(part).map((defect) => ({
        target: part.target,
        defect,
        pairs: part.sequences.map(({ id }) => ({ target: part.target, sequence: id, defect })).filter(wanted),
        outcomes: [],
        durationMs: 0,
      })),
    );
    for (const column of this.#columns) {
      this.#byKey.set(keyOf(column), column);
      if (column.pairs.length === 0) this.#tell(column);
    }
  }

  pairs(): readonly Pair[] {
    return this.#columns.flatMap((c) => c.pairs);
  }

  take({ pair, outcome, durationMs }: PairDone): void {
    const column = this.#byKey.get(keyOf(pair));
    if (column === undefined) throw new TypeError(`nobody asked for ${keyOf(pair)}`);
    column.outcomes.push(outcome);
    column.durationMs += durationMs;
    if (column.outcomes.length === column.pairs.length) this.#tell(column);
  }

  of(target: string): CardOutcomes[] {
    return this.#columns.filter((c) => c.target === target);
  }

  #tell(column: Column): void {
    this.#complete++;
    this.onCard(column.target, column, this.#complete, this.#columns.length);
  }
}

const keyOf = ({ target, defect }: Pick<Pair, 'target' | 'defect'>): string => `${target} ${defect ?? ''}`;
