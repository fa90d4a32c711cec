/** `sgp33 run`: the suite on one target. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { failureText, makeHtml, regenerate, wantsColour } from '../../../reports/index.js';
import { countsLine, exitCode, sumOf, type RunCounts, type RunInfo } from '../../engine/result.js';
import { RunStore } from '../../engine/run-store.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { isBuiltIn } from '../drivers/driver-for-target.js';
import { print, printError } from '../output.js';
import { complete } from '../run/complete.js';
import { execute } from '../run/execute.js';
import {
  changesOf,
  irreversible,
  planRun,
  sessionFor,
  type PlannedRun,
  type RunRequest,
} from '../run/plan-run.js';
import { probe } from '../run/probe.js';
import { summaryLines } from '../run/summary.js';
import { targetFile } from '../load.js';
import { toolVersion } from '../version.js';

export interface RunOptions {
  /** None: the built-in eUICC. */
  readonly target: readonly string[];
  readonly clause?: string;
  readonly interface?: string;
  readonly provenance?: string;
  readonly allow?: string;
  readonly defect: readonly string[];
  readonly out?: string;
  readonly html: boolean;
  readonly junit?: string;
  readonly yes?: true;
}

export const INTERRUPTED = 130;

/** What a run on one target came to. */
interface Outcome {
  readonly target: string;
  readonly shown: string;
  readonly counts: RunCounts;
  readonly code: number;
}

/** @returns the exit code. @throws {Sgp33Error} before anything was written: exit code 2. */
export async function runCommand(ids: readonly string[], options: RunOptions): Promise<number> {
  const targets = options.target.length === 0 ? [undefined] : options.target;
  const requests = targets.map((target) => requestOf(ids, options, target));
  // Everything that can be wrong with any of them is told before the first one runs.
  const runs = plannable(requests);
  const several = runs.length > 1;
  const outcomes: Outcome[] = [];
  for (const [i, { request, run }] of runs.entries()) {
    if (several) print(`${i === 0 ? '' : '\n'}== ${run.target.name}\n`);
    const outcome = await runOn(request, run, several ? forTarget(options, run.target.name) : options);
    outcomes.push(outcome);
    if (outcome.code === INTERRUPTED) return INTERRUPTED;
  }
  if (several) {
    print();
    for (const { target, counts, shown } of outcomes) print(`${target}  ${countsLine(counts)}  ${shown}`);
    print(countsLine(sumOf(outcomes.map((o) => o.counts))));
  }
  return [4, 1, 3, 2].find((code) => outcomes.some((o) => o.code === code)) ?? 0;
}

const requestOf = (ids: readonly string[], options: RunOptions, target: string | undefined): RunRequest => ({
  target: targetFile(target),
  filter: {
    ids,
    ...(options.clause === undefined ? {} : { clause: options.clause }),
    ...(options.interface === undefined ? {} : { interface: options.interface }),
    ...(options.provenance === undefined ? {} : { provenance: options.provenance }),
  },
  ...(options.allow === undefined ? {} : { allow: changesOf(options.allow) }),
  defects: options.defect,
});

/** Of several targets those for which something is selected. @throws {Sgp33Error} as `planRun`. */
function plannable(requests: readonly RunRequest[]): { request: RunRequest; run: PlannedRun }[] {
  const found: { request: RunRequest; run: PlannedRun }[] = [];
  let empty: Sgp33Error | undefined;
  for (const request of requests)
    try {
      found.push({ request, run: planRun(request) });
    } catch (error) {
      if (!(error instanceof Sgp33Error) || error.code !== 'nothing-selected') throw error;
      empty = error;
    }
  if (found.length === 0 && empty !== undefined) throw empty;
  return found;
}

/** Each target has a folder and a file of its own. */
const forTarget = (options: RunOptions, name: string): RunOptions => ({
  ...options,
  ...(options.out === undefined ? {} : { out: join(options.out, name) }),
  ...(options.junit === undefined ? {} : { junit: options.junit.replace(/(\.[^./\\]*)?$/, `.${name}$1`) }),
});

async function runOn(request: RunRequest, run: PlannedRun, options: RunOptions): Promise<Outcome> {
  const folder = storeFolder(options.out);
  const session = sessionFor(run);
  askConsent(run, options.yes === true);
  const identity = await probe(session);

  const info = runInfo(run, folder, { ...identity });
  const store = RunStore.create(folder, info);
  const shown = relative(process.cwd(), folder) || '.';
  const allureResults = mkdtempSync(join(tmpdir(), 'sgp33-allure-'));
  try {
    const colour = wantsColour();
    const handover = {
      request: { ...request, ...(identity.eid === undefined ? {} : { eid: identity.eid }) },
      store: folder,
      shown,
      info,
      colour,
    };
    const execution = await execute(handover, allureResults, run.target.concurrent);
    const { results, counts } = complete(store, run, execution, allureResults, info);
    for (const result of results)
      if (!execution.reporter.verdicts.has(result.id))
        printUnlessEmpty(failureText(result, { run: shown, colour }));
    for (const line of summaryLines(results, run.suite)) print(line);
    const broken = execution.reporter.faults.length > 0 && counts.errors === 0 && !execution.interrupted;
    if (broken) printError(execution.reporter.faults.join('\n'));
    print();
    print(`Results  ${shown}`);
    const reported = await makeReports(folder, shown, allureResults, options);
    print(countsLine(counts));
    const code = execution.interrupted ? INTERRUPTED : broken || !reported ? 4 : exitCode(counts);
    return { target: run.target.name, shown, counts, code };
  } finally {
    rmSync(allureResults, { recursive: true, force: true });
  }
}

/** False when a report could not be made: the store is whole, and `sgp33 report` can make it later. */
async function makeReports(
  folder: string,
  shown: string,
  allureResults: string,
  options: RunOptions,
): Promise<boolean> {
  try {
    if (options.html) {
      const { target } = RunStore.open(folder).info();
      await makeHtml(allureResults, join(folder, 'report.html'), `sgp33 ${target.iut} ${target.name}`);
      print(`Report   ${join(shown, 'report.html')}`);
    }
    if (options.junit !== undefined) {
      await regenerate(folder, { junit: resolve(options.junit) });
      print(`JUnit    ${options.junit}`);
    }
    return true;
  } catch (error) {
    if (!(error instanceof Sgp33Error)) throw error;
    printError(`error: ${error.message}`);
    return false;
  }
}

const printUnlessEmpty = (text: string): void => {
  if (text !== '') print(text);
};

/** @throws {Sgp33Error} `run-store` for a folder that holds something already. */
function storeFolder(out: string | undefined): string {
  if (out === undefined) return resolve('runs', new Date().toISOString().replace(/[:.]/g, '-'));
  const folder = resolve(out);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Sgp33Error('run-store', 'the folder for the results is not empty', {
      place: out,
      repair: 'Name a new folder with --out.',
    });
  return folder;
}

/** @throws {Sgp33Error} `consent` with what can not be restored. */
function askConsent({ planned, target }: PlannedRun, yes: boolean): void {
  const lines = irreversible(planned, target);
  if (lines.length === 0 || (isBuiltIn(target) && target.consent)) return;
  if (!yes && !target.consent)
    throw new Sgp33Error('consent', 'the run changes what can not be restored', {
      place: target.file,
      actual: `\n  ${lines.join('\n  ')}\n`,
      repair: 'Give --yes, write `consent: true` in the target, or allow less with --allow.',
    });
  print('Can not be restored:');
  for (const line of lines) print(`  ${line}`);
  print();
}

function runInfo(run: PlannedRun, folder: string, identity: Record<string, string>): RunInfo {
  const { target } = run;
  return {
    id: folder.split(/[\\/]/).at(-1) ?? folder,
    tool: { name: 'sgp33', version: toolVersion() },
    target: {
      name: target.name,
      iut: target.iut,
      driver: target.driver.kind,
      file: target.file,
      sgp32Version: target.sgp32Version,
      sgp22Version: target.sgp22Version,
    },
    identity,
    options: Object.fromEntries(target.options),
    defects: run.defects,
    allow: run.allow,
    startedAt: new Date().toISOString(),
  };
}
