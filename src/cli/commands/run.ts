/** `sgp33 run`: the suite on one target. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { failureText, makeHtml, regenerate, wantsColour } from '../../../reports/index.js';
import { countsLine, exitCode, type RunInfo } from '../../engine/result.js';
import { RunStore } from '../../engine/run-store.js';
import { Sgp33Error } from '../../protocol/errors.js';
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
  readonly target?: string;
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

/** @returns the exit code. @throws {Sgp33Error} before anything was written: exit code 2. */
export async function runCommand(ids: readonly string[], options: RunOptions): Promise<number> {
  const request: RunRequest = {
    target: targetFile(options.target),
    filter: {
      ids,
      ...(options.clause === undefined ? {} : { clause: options.clause }),
      ...(options.interface === undefined ? {} : { interface: options.interface }),
      ...(options.provenance === undefined ? {} : { provenance: options.provenance }),
    },
    ...(options.allow === undefined ? {} : { allow: changesOf(options.allow) }),
    defects: options.defect,
  };
  const run = planRun(request);
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
    const execution = await execute(handover, allureResults);
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
    if (execution.interrupted) return INTERRUPTED;
    return broken || !reported ? 4 : exitCode(counts);
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
  if (lines.length === 0 || (target.driver.kind === 'in-process' && target.consent)) return;
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
