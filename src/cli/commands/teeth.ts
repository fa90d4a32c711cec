/** `sgp33 teeth`: whether each sequence fails where it says that it does, and only there. */
import { Sgp33Error } from '../../protocol/errors.js';
import { meant } from '../../protocol/did-you-mean.js';
import type { Sequence } from '../../engine/suite.js';
import { SuiteErrors } from '../../engine/load-suite.js';
import { SuiteError } from '../../engine/yaml/nodes.js';
import { DEFECTS } from '../../simulators/euicc/index.js';
import { targetFile } from '../load.js';
import { print, printError } from '../output.js';
import { planRun, type RunRequest } from '../run/plan-run.js';
import { loadExplained, type Explained } from '../teeth/explained.js';
import { judge, type Judgement } from '../teeth/judge.js';
import type { CardOutcomes } from '../teeth/outcome.js';
import { runCards } from '../teeth/run-cards.js';

export interface TeethOptions {
  readonly defect: readonly string[];
  readonly json?: true;
  readonly jobs: string;
}

/** @returns 0 when every sequence is proven, 1 otherwise. */
export async function teethCommand(options: TeethOptions): Promise<number> {
  const request: RunRequest = { target: targetFile(), filter: { ids: [] }, defects: [] };
  const { root, planned } = planRun(request);
  const sequences = planned.filter((p) => p.decision.kind === 'run').map((p) => p.sequence);
  const explained = loadExplained(root);
  const unknown = unknownNames(sequences, explained, options.defect);
  // The matrix is what helps to align the names, so it is made all the same.
  if (unknown.length > 0 && (options.json !== true || options.defect.length > 0))
    throw new SuiteErrors(unknown);
  const known = new Set<string>(DEFECTS.map((d) => d.name));
  const named = [...new Set(sequences.flatMap((s) => [...s.kills.keys()]))]
    .filter((d) => known.has(d))
    .sort();
  const tried = options.defect.length > 0 ? [...new Set(options.defect)] : named;
  const say = options.json === true ? (): void => undefined : print;

  const cards = await runCards(request, [undefined, ...tried], jobsOf(options.jobs), (done, count) => {
    const failed = done.outcomes.filter((o) => o.verdict === 'FAIL').length;
    const ms = Math.round(done.durationMs);
    say(`${count}/${tried.length + 1}  ${done.defect ?? '(no defect)'}  ${failed} failed  ${ms} ms`);
  });
  const concerned = sequences.filter((s) => options.defect.length === 0 || tried.some((d) => s.kills.has(d)));
  const judgement = judge(sequences, cards, explained);
  const proven = concerned.filter((s) => !judgement.unproven.has(s.id)).length;
  const unproven = new Set([...judgement.unproven.keys()]);
  const total = new Set([...concerned.map((s) => s.id), ...unproven]).size;
  if (options.json === true) print(matrix(cards, judgement, unknown));
  else {
    for (const { sequence, decision } of planned)
      if (decision.kind !== 'run') print(`not counted  ${sequence.id}  ${decision.reason}`);
    for (const [id, reasons] of judgement.unproven) {
      print(`unproven  ${id}`);
      for (const reason of reasons) print(`  ${reason}`);
    }
    for (const line of judgement.stale) printError(`error: ${line}`);
    print(`${total} sequences, ${proven} proven, ${unproven.size} unproven`);
  }
  if (unknown.length > 0) return 2;
  return unproven.size === 0 && judgement.stale.length === 0 ? 0 : 1;
}

/** Names of defects that nobody seeded, each with its place. */
function unknownNames(
  sequences: readonly Sequence[],
  explained: readonly Explained[],
  given: readonly string[],
): Sgp33Error[] {
  const known: readonly string[] = DEFECTS.map((d) => d.name);
  const repairOf = (name: string): { repair: string } => ({
    repair: meant(name, known) ?? 'The defects are listed in src/simulators/euicc/defect-list.ts.',
  });
  const isUnknown = (name: string): boolean => !known.includes(name);
  return [
    ...given.filter(isUnknown).map(
      (name) =>
        new Sgp33Error('unknown-defect', `unknown defect '${name}'`, {
          place: '--defect',
          ...repairOf(name),
        }),
    ),
    ...[
      ...sequences.flatMap((s) => [...s.kills.keys()].map((name) => ({ name, place: s.place }))),
      ...explained.map(({ defect, place }) => ({ name: defect, place })),
    ]
      .filter(({ name }) => isUnknown(name))
      .map(
        ({ name, place }) =>
          new SuiteError('unknown-defect', `unknown defect '${name}'`, place, repairOf(name)),
      ),
  ];
}

/** Defect to sequence to what happened, without those that passed. */
function matrix(
  cards: readonly CardOutcomes[],
  { unproven, stale }: Judgement,
  unknown: readonly Sgp33Error[],
): string {
  const rows = cards.map(({ defect, outcomes }) => [
    defect ?? '(no defect)',
    Object.fromEntries(
      outcomes.filter((o) => o.verdict !== 'PASS').map(({ id, ...rest }) => [id, rest]),
    ) as Record<string, unknown>,
  ]);
  const whole = {
    defects: Object.fromEntries(rows) as unknown,
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
