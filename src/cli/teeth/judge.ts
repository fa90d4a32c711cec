/** Compares what the sequences did on each defect with what they say they kill. */
import { matchesId } from '../../engine/plan.js';
import type { Sequence } from '../../engine/suite.js';
import { placeText } from '../../engine/yaml/nodes.js';
import type { Explained } from './explained.js';
import { isKill, type CardOutcomes, type Outcome } from './outcome.js';

export interface Judgement {
  readonly sequences: number;
  /** Id to the reasons why it is not proven. */
  readonly unproven: ReadonlyMap<string, readonly string[]>;
  /** Entries of explained-kills.yaml that explain nothing. */
  readonly stale: readonly string[];
}

/**
 * Why an outcome is not what the sequence says of itself; undefined when it is.
 * @param defect undefined: on the clean IUT.
 * @param onExplained told of the entries that make an unnamed FAIL right.
 */
export function surprise(
  sequence: Sequence,
  defect: string | undefined,
  outcome: Outcome | undefined,
  explained: readonly Explained[],
  onExplained: (entry: Explained) => void = () => undefined,
): string | undefined {
  if (defect === undefined)
    return outcome?.verdict === 'PASS' ? undefined : `the clean IUT: ${describe(outcome)}`;
  if (sequence.kills.has(defect)) {
    const wanted = sequence.kills.get(defect);
    if (!isKill(outcome)) return `defect ${defect}: not killed, ${describe(outcome, NOT_ASKED)}`;
    return wanted === undefined || outcome?.cause === wanted
      ? undefined
      : `defect ${defect}: killed by ${describe(outcome)}, stated is ${wanted}`;
  }
  if (outcome?.verdict !== 'FAIL') return undefined;
  const reasons = explained.filter((e) => e.defect === defect && matchesId(e.sequence, sequence));
  reasons.forEach(onExplained);
  return reasons.length > 0 ? undefined : `defect ${defect}: failed, and is not named: ${describe(outcome)}`;
}

/**
 * @param cards the clean one and one for each defect that was tried, each with the sequences that were run on it; other
 *   defects are not judged.
 * @param concerned whether a defect was to be tried with a sequence.
 */
export function judge(
  sequences: readonly Sequence[],
  cards: readonly CardOutcomes[],
  explained: readonly Explained[],
  concerned: (sequence: Sequence, defect: string) => boolean = () => true,
): Judgement {
  const unproven = new Map<string, string[]>();
  const used = new Set<Explained>();
  for (const { defect, outcomes } of cards) {
    const byId = new Map(outcomes.map((o) => [o.id, o]));
    for (const sequence of sequences) {
      const { id } = sequence;
      if (defect !== undefined && !concerned(sequence, defect)) continue;
      const reason = surprise(sequence, defect, byId.get(id), explained, (e) => used.add(e));
      if (reason !== undefined) unproven.set(id, [...(unproven.get(id) ?? []), reason]);
    }
  }
  const tried = new Set(cards.map((c) => c.defect));
  const stale = explained.filter((e) => tried.has(e.defect) && !used.has(e)).map(staleLine);
  return { sequences: sequences.length, unproven, stale };
}

/** What is said of an entry that explains nothing. */
export const staleLine = (e: Explained): string =>
  `${placeText(e.place)}: ${e.sequence} does not fail unnamed on ${e.defect}. Remove the entry.`;

/** Why a pair was not run. */
const NOT_ASKED = 'the IUT never asks for it in this sequence';

function describe(outcome: Outcome | undefined, absent = 'it did not run'): string {
  if (outcome === undefined) return absent;
  const { verdict, cause, message, place } = outcome;
  return [verdict, cause, message, place].filter((t) => t !== undefined).join('  ');
}
