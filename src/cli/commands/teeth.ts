/** `sgp33 teeth`: whether each sequence fails where it says that it does, and only there. */
import { Sgp33Error } from '../../protocol/errors.js';
import { meant } from '../../protocol/did-you-mean.js';
import type { Sequence } from '../../engine/suite.js';
import { placeText, SuiteError } from '../../engine/yaml/nodes.js';
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
  checkNames(sequences, explained, options.defect);
  const named = [...new Set(sequences.flatMap((s) => [...s.kills.keys()]))].sort();
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
  if (options.json === true) print(matrix(cards, judgement));
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
  return unproven.size === 0 && judgement.stale.length === 0 ? 0 : 1;
}

/** @throws {Sgp33Error} `unknown-defect` at the place where the name stands. */
function checkNames(sequences: readonly Sequence[], explained: readonly Explained[], given: readonly string[]): void {
  const known = DEFECTS.map((d) => d.name as string);
  const repairOf = (name: string): { repair: string } => ({
    repair: meant(name, known) ?? 'The defects are listed in src/simulators/euicc/defect-list.ts.',
  });
  for (const name of given)
    if (!known.includes(name))
      throw new Sgp33Error('unknown-defect', `unknown defect '${name}'`, { place: '--defect', ...repairOf(name) });
  for (const { kills, place } of sequences)
    for (const name of kills.keys())
      if (!known.includes(name)) throw new SuiteError('unknown-defect', `unknown defect '${name}'`, place, repairOf(name));
  for (const { defect, place } of explained)
    if (!known.includes(defect)) throw new SuiteError('unknown-defect', `unknown defect '${defect}' (${placeText(place)})`, place, repairOf(defect));
}

/** Defect to sequence to what happened, without those that passed. */
function matrix(cards: readonly CardOutcomes[], { unproven, stale }: Judgement): string {
  const rows = cards.map(({ defect, outcomes }) => [
    defect ?? '(no defect)',
    Object.fromEntries(
      outcomes.filter((o) => o.verdict !== 'PASS').map(({ id, ...rest }) => [id, rest]),
    ) as Record<string, unknown>,
  ]);
  return JSON.stringify({ defects: Object.fromEntries(rows) as unknown, unproven: Object.fromEntries(unproven), stale }, null, 2);
}

function jobsOf(text: string): number {
  const jobs = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (jobs < 1)
    throw new Sgp33Error('usage', `'${text}' is no number of threads`, { place: '--jobs', expected: '1 to 99' });
  return jobs;
}
