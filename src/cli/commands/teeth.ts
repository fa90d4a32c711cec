/** `sgp33 teeth`: whether each sequence fails where it says that it does, and only there. */
import { Sgp33Error } from '../../protocol/errors.js';
import { meant } from '../../protocol/did-you-mean.js';
import type { Sequence } from '../../engine/suite.js';
import { SuiteErrors } from '../../engine/load-suite.js';
import { SuiteError } from '../../engine/yaml/nodes.js';
import { KNOWN_DEFECTS } from '../teeth/known-defects.js';
import { targetFile } from '../load.js';
import { print, printError } from '../output.js';
import { planRun, type RunRequest } from '../run/plan-run.js';
import { loadExplained, type Explained } from '../teeth/explained.js';
import { judge, staleLine, type Judgement } from '../teeth/judge.js';
import type { CardOutcomes } from '../teeth/outcome.js';
import { runCards } from '../teeth/run-cards.js';

export interface TeethOptions {
  readonly defect: readonly string[];
  readonly json?: true;
  /** Every seeded defect, also those that no sequence names. */
  readonly all?: true;
  /** Only these of the built-in targets; none: all. */
  readonly target: readonly string[];
  readonly jobs: string;
}

/** Built-in IUTs on which sequences are proven: each sequence on the first of these to which it applies. */
const TARGETS = [
  'builtin-euicc',
  'builtin-euicc-ipae',
  'builtin-eim',
  'builtin-eim-json',
  'builtin-eim-coap',
  'builtin-eim-brp',
  'builtin-eim-v101',
];

/** What was found on one target. */
interface Proof {
  readonly target: string;
  readonly sequences: readonly Sequence[];
  readonly cards: readonly CardOutcomes[];
  readonly judgement: Judgement;
}

/** @returns 0 when every sequence is proven, 1 otherwise. */
export async function teethCommand(options: TeethOptions): Promise<number> {
  const json = options.json === true;
  const { root, parts, left } = partition(targetsOf(options.target));
  const explained = loadExplained(root);
  const all = parts.flatMap((p) => p.sequences);
  const unknown = unknownNames(all, explained, options.defect);
  // The matrix is what helps to align the names, so it is made all the same.
  if (unknown.length > 0 && (!json || options.defect.length > 0)) throw new SuiteErrors(unknown);
  const proofs: Proof[] = [];
  for (const { target, sequences } of parts) {
    const known = sequences[0] === undefined ? [] : KNOWN_DEFECTS[sequences[0].testCase.iut];
    const killed = new Set(sequences.flatMap((s) => [...s.kills.keys()]));
    const named = known.filter((d) => options.all === true || killed.has(d));
    const tried = options.defect.length > 0 ? named.filter((d) => options.defect.includes(d)) : named;
    const request: RunRequest = {
      target: targetFile(target),
      filter: { ids: sequences.map((s) => s.id) },
      defects: [],
    };
    const cards = await runCards(
      request,
      [undefined, ...tried.sort()],
      jobsOf(options.jobs),
      (done, count) => {
        const failed = done.outcomes.filter((o) => o.verdict === 'FAIL').length;
        if (!json)
          print(
            `${target}  ${count}/${tried.length + 1}  ${done.defect ?? '(no defect)'}  ${failed} failed  ${Math.round(done.durationMs)} ms`,
          );
      },
    );
    proofs.push({ target, sequences, cards, judgement: judge(sequences, cards, explained) });
  }
  // An entry that explains nothing on one target may do so on another.
  const stale = explained
    .filter((e) => {
      const tried = proofs.filter((p) => p.cards.some((c) => c.defect === e.defect));
      return tried.length > 0 && tried.every((p) => p.judgement.stale.includes(staleLine(e)));
    })
    .map(staleLine);
  const unproven = new Map(proofs.flatMap((p) => [...p.judgement.unproven]));
  if (json) {
    print(matrix(proofs, unproven, stale, unknown));
  } else {
    for (const { sequence, reason } of left) print(`not counted  ${sequence.id}  ${reason}`);
    for (const [id, reasons] of unproven) {
      print(`unproven  ${id}`);
      for (const reason of reasons) print(`  ${reason}`);
    }
    for (const line of stale) printError(`error: ${line}`);
    const counted = all.filter(
      (s) => options.defect.length === 0 || unproven.has(s.id) || options.defect.some((d) => s.kills.has(d)),
    );
    const proven = counted.filter((s) => !unproven.has(s.id)).length;
    print(`${counted.length} sequences, ${proven} proven, ${unproven.size} unproven`);
  }
  if (unknown.length > 0) return 2;
  return unproven.size === 0 && stale.length === 0 ? 0 : 1;
}

/** Every sequence with the target that proves it, and those to which no built-in target applies. */
/** @throws {Sgp33Error} `target-not-found`. */
function targetsOf(names: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !TARGETS.includes(name));
  if (unknown !== undefined)
    throw new Sgp33Error('target-not-found', 'teeth proves sequences on built-in targets', {
      place: unknown,
      expected: TARGETS.join(', '),
    });
  return names.length === 0 ? TARGETS : names;
}

function partition(targets: readonly string[]): {
  root: string;
  parts: { target: string; sequences: Sequence[] }[];
  left: { sequence: Sequence; reason: string }[];
} {
  const plans = targets.map((target) => ({
    ...planRun({ target: targetFile(target), filter: { ids: [] }, defects: [] }),
    target,
  }));
  const taken = new Set<string>();
  const parts = plans.map(({ target, planned }) => {
    const sequences = planned
      .filter((p) => p.decision.kind === 'run' && !taken.has(p.sequence.id))
      .map((p) => p.sequence);
    for (const s of sequences) taken.add(s.id);
    return { target, sequences };
  });
  const left = new Map<string, { sequence: Sequence; reason: string }>();
  for (const { sequence, decision } of plans.flatMap((p) => p.planned))
    if (!taken.has(sequence.id) && decision.kind !== 'run' && !left.has(sequence.id))
      left.set(sequence.id, { sequence, reason: decision.reason });
  return {
    root: plans[0]?.root ?? '',
    parts: parts.filter((p) => p.sequences.length > 0),
    left: [...left.values()],
  };
}

/** Names of defects that nobody seeded, each with its place. */
function unknownNames(
  sequences: readonly Sequence[],
  explained: readonly Explained[],
  given: readonly string[],
): Sgp33Error[] {
  const repairOf = (name: string, known: readonly string[]): { repair: string } => ({
    repair: meant(name, known) ?? 'docs/built-in-defects.md lists them.',
  });
  const everywhere = Object.values(KNOWN_DEFECTS).flat();
  return [
    ...given
      .filter((name) => !everywhere.includes(name))
      .map(
        (name) =>
          new Sgp33Error('unknown-defect', `unknown defect '${name}'`, {
            place: '--defect',
            ...repairOf(name, everywhere),
          }),
      ),
    ...[
      ...sequences.flatMap((s) =>
        [...s.kills.keys()].map((name) => ({ name, place: s.place, known: KNOWN_DEFECTS[s.testCase.iut] })),
      ),
      ...explained.map(({ defect, place }) => ({ name: defect, place, known: everywhere })),
    ]
      .filter(({ name, known }) => !known.includes(name))
      .map(
        ({ name, place, known }) =>
          new SuiteError('unknown-defect', `unknown defect '${name}'`, place, repairOf(name, known)),
      ),
  ];
}

/** Defect to sequence to what happened, without those that passed. */
function matrix(
  proofs: readonly Proof[],
  unproven: ReadonlyMap<string, readonly string[]>,
  stale: readonly string[],
  unknown: readonly Sgp33Error[],
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
