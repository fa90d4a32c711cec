/** `sgp33 teeth`: whether each sequence fails where it says that it does, and only there. */
import { Sgp33Error } from '../../protocol/errors.js';
import type { Sequence } from '../../engine/suite.js';
import { SuiteErrors } from '../../engine/suite-errors.js';
import { print, printError } from '../output.js';
import { unknownNames } from '../teeth/check-names.js';
import { loadExplained } from '../teeth/explained.js';
import { judge, staleLine, surprise, type Judgement } from '../teeth/judge.js';
import { defectsOfTarget } from '../teeth/known-defects.js';
import type { CardOutcomes, Outcome } from '../teeth/outcome.js';
import { prove, type PartOutcomes, type Unsteady } from '../teeth/prove.js';
import { concerns, partition, type Part } from '../teeth/targets.js';

export interface TeethOptions {
  readonly defect: readonly string[];
  readonly json?: true;
  /** Every seeded defect, also those that no sequence names. */
  readonly all?: true;
  /** Every sequence on every defect, also where it can not notice it. */
  readonly full?: true;
  /** Only these of the built-in targets; none: all. */
  readonly target: readonly string[];
  readonly jobs: string;
}

/** What was found on one target. */
interface Proof extends PartOutcomes {
  readonly judgement: Judgement;
}

/** @param ids globs; none: every sequence. @returns 0 when every sequence is proven, 1 otherwise. */
export async function teethCommand(ids: readonly string[], options: TeethOptions): Promise<number> {
  const json = options.json === true;
  const { root, parts, left } = partition(options.target, ids);
  const explained = loadExplained(root);
  const all = [...new Map(parts.flatMap((p) => p.sequences).map((s) => [s.id, s])).values()];
  const unknown = unknownNames(all, explained, options.defect);
  // The matrix is what helps to align the names, so it is made all the same.
  if (unknown.length > 0 && (!json || options.defect.length > 0)) throw new SuiteErrors(unknown);
  const byId = new Map(all.map((s) => [s.id, s]));
  const partOf = new Map(parts.map((p) => [p.target, p]));
  const found = await prove(parts, {
    jobs: jobsOf(options.jobs),
    full: options.full === true,
    defectsOf: (part) => defectsFor(part, options),
    concerns: ({ target, sequence, defect }) => {
      const [part, found] = [partOf.get(target), byId.get(sequence)];
      return part === undefined || found === undefined || concerns(part, found, defect);
    },
    surprises: ({ sequence: id, defect }, outcome) => {
      const sequence = byId.get(id);
      return sequence !== undefined && surprise(sequence, defect, outcome, explained) !== undefined;
    },
    onCard: (target, card, count, of) => {
      if (!json) print(progress(target, card, count, of));
    },
  });
  const proofs: Proof[] = found.parts.map((o) => ({
    ...o,
    judgement: judge(o.sequences, o.cards, explained, (s, defect) => concerns(o, s, defect)),
  }));
  // An entry that explains nothing on one target may do so on another.
  const stale = explained
    .filter((e) => {
      const tried = proofs.filter((p) => p.cards.some((c) => c.defect === e.defect));
      return tried.length > 0 && tried.every((p) => p.judgement.stale.includes(staleLine(e)));
    })
    .map(staleLine);
  const unproven = new Map<string, readonly string[]>();
  for (const [id, reasons] of proofs.flatMap((p) => [...p.judgement.unproven]))
    unproven.set(id, [...(unproven.get(id) ?? []), ...reasons]);
  if (options.target.length === 0 && options.defect.length === 0)
    for (const [id, reason] of untried(all, parts)) unproven.set(id, [...(unproven.get(id) ?? []), reason]);
  if (json) {
    print(matrix(proofs, unproven, stale, unknown, found.unsteady));
  } else {
    for (const { sequence, reason } of left) print(`not counted  ${sequence.id}  ${reason}`);
    for (const [id, reasons] of unproven) {
      print(`unproven  ${id}`);
      for (const reason of reasons) print(`  ${reason}`);
    }
    for (const line of stale) printError(`error: ${line}`);
    for (const each of found.unsteady) print(unsteadyLine(each));
    const counted = all.filter(
      (s) => options.defect.length === 0 || unproven.has(s.id) || options.defect.some((d) => s.kills.has(d)),
    );
    const proven = counted.filter((s) => !unproven.has(s.id)).length;
    print(`${counted.length} sequences, ${proven} proven, ${unproven.size} unproven`);
  }
  if (unknown.length > 0) return 2;
  return unproven.size === 0 && stale.length === 0 ? 0 : 1;
}

/** Ids of sequences with a defect that they name, and that is tried nowhere. */
const untried = (sequences: readonly Sequence[], parts: readonly Part[]): [id: string, reason: string][] =>
  sequences.flatMap((s) => {
    const homes = parts.filter((p) => p.sequences.includes(s));
    return [...s.kills.keys()]
      .filter((d) => !homes.some((p) => concerns(p, s, d)))
      .map((d): [string, string] => [s.id, `defect ${d}: no target on which the sequence runs can show it`]);
  });

function defectsFor({ target, sequences }: Part, { defect, all }: TeethOptions): string[] {
  const known = sequences[0] === undefined ? [] : defectsOfTarget(target, sequences[0].testCase.iut);
  const killed = new Set(sequences.flatMap((s) => [...s.kills.keys()]));
  return known
    .filter((d) => all === true || killed.has(d))
    .filter((d) => defect.length === 0 || defect.includes(d))
    .sort();
}

function progress(
  target: string,
  { defect, outcomes, durationMs }: CardOutcomes,
  count: number,
  of: number,
): string {
  const failed = outcomes.filter((o) => o.verdict === 'FAIL').length;
  const place = `${target}  ${count}/${of}  ${defect ?? '(no defect)'}`;
  return `${place}  ${outcomes.length} tried, ${failed} failed  ${Math.round(durationMs)} ms`;
}

function unsteadyLine({ pair, first, second }: Unsteady): string {
  const text = ({ verdict, cause }: Outcome): string =>
    [verdict, cause].filter((t) => t !== undefined).join(' ');
  return `unsteady  ${pair.sequence}  ${pair.defect ?? '(no defect)'}  ${text(first)}, and alone ${text(second)}`;
}

/** Defect to sequence to what happened, without those that passed. */
function matrix(
  proofs: readonly Proof[],
  unproven: ReadonlyMap<string, readonly string[]>,
  stale: readonly string[],
  unknown: readonly Sgp33Error[],
  unsteady: readonly Unsteady[],
): string {
  const defects: Record<string, Record<string, unknown>> = {};
  for (const { defect, outcomes } of proofs.flatMap((p) => p.cards)) {
    const row = (defects[defect ?? '(no defect)'] ??= {});
    for (const { id, ...rest } of outcomes) if (rest.verdict !== 'PASS') row[id] = rest;
  }
  const whole = {
    defects,
    unproven: Object.fromEntries(unproven),
    stale,
    unsteady: unsteady.map(unsteadyLine),
    unknownDefects: unknown.map((e) => e.message),
  };
  return JSON.stringify(whole, null, 2);
}

function jobsOf(text: string): number {
  const jobs = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (jobs < 1)
    throw new Sgp33Error('usage', `'${text}' is no number of threads`, {
      place: '--jobs',
      expected: '1 to 99',
    });
  return jobs;
}
