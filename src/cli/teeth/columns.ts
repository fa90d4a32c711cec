/** The pairs of one round by defect, and what has come of them. */
import type { CardOutcomes, Outcome } from './outcome.js';
import type { Pair, PairDone } from './run-pairs.js';
import type { Part } from './targets.js';

interface Column {
  readonly target: string;
  readonly defect: string | undefined;
  readonly pairs: readonly Pair[];
  readonly outcomes: Outcome[];
  /** Summed up over its pairs, milliseconds. */
  durationMs: number;
}

export class Columns {
  readonly #columns: readonly Column[];
  readonly #byKey = new Map<string, Column>();
  #complete = 0;

  /**
   * @param onCard told when a column is complete.
   * @param wanted the others are left out.
   */
  constructor(
    parts: readonly Part[],
    defectsOf: (part: Part) => readonly (string | undefined)[],
    private readonly onCard: (target: string, card: CardOutcomes, count: number, of: number) => void,
    wanted: (pair: Pair) => boolean = () => true,
  ) {
    this.#columns = parts.flatMap((part) =>
      defectsOf(part).map((defect) => ({
        target: part.target,
        defect,
        pairs: part.sequences
          .map(({ id }) => ({ target: part.target, sequence: id, defect, heavy: part.heavy }))
          .filter(wanted),
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
    const column = this.#columnOf(pair);
    column.outcomes.push(outcome);
    column.durationMs += durationMs;
    if (column.outcomes.length === column.pairs.length) this.#tell(column);
  }

  /** @returns what was there. */
  replace(pair: Pair, outcome: Outcome): Outcome {
    const { outcomes } = this.#columnOf(pair);
    const at = outcomes.findIndex(({ id }) => id === pair.sequence);
    const [before] = outcomes.splice(at, 1, outcome);
    if (at < 0 || before === undefined) throw new TypeError(`${keyOf(pair)} ${pair.sequence} has no outcome`);
    return before;
  }

  outcomes(): [Pair, Outcome][] {
    return this.#columns.flatMap((column) => {
      const byId = new Map(column.pairs.map((pair) => [pair.sequence, pair]));
      return column.outcomes.map((outcome): [Pair, Outcome] => [byId.get(outcome.id) as Pair, outcome]);
    });
  }

  of(target: string): CardOutcomes[] {
    return this.#columns.filter((c) => c.target === target);
  }

  #columnOf(pair: Pair): Column {
    const column = this.#byKey.get(keyOf(pair));
    if (column === undefined) throw new TypeError(`nobody asked for ${keyOf(pair)}`);
    return column;
  }

  #tell(column: Column): void {
    this.#complete++;
    this.onCard(column.target, column, this.#complete, this.#columns.length);
  }
}

const keyOf = ({ target, defect }: Pick<Pair, 'target' | 'defect'>): string => `${target} ${defect ?? ''}`;
