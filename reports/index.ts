/** Reports made again from a run store. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { RunStore } from '../src/engine/run-store.js';
import { Sgp33Error } from '../src/protocol/errors.js';
import { makeHtml } from './allure/html.js';
import { AllureResults } from './allure/results.js';
import { junitXml } from './junit.js';

export { reportLive } from './allure/live.js';
export { Sgp33AllureReporter } from './allure/vitest-reporter.js';
export { makeHtml } from './allure/html.js';
export { AllureResults } from './allure/results.js';
export { allureStatus } from './allure/status.js';
export { reportSequence, type StoredSequence } from './allure/sequence.js';
export { failureText, progressLine, wantsColour, type ConsoleOptions } from './console.js';
export { junitXml } from './junit.js';

/** Where each report goes; one that is not named is not made. */
export interface ReportFiles {
  /** One HTML file. */
  readonly html?: string;
  readonly junit?: string;
  /** A folder; what an earlier report left there is removed. */
  readonly allureResults?: string;
}

/**
 * Makes the named reports from a run store, of a finished run or of one that was killed.
 *
 * @throws {Sgp33Error} `run-store` when there is none or it is damaged, `report-...` when a report can not be made.
 */
export async function regenerate(storeFolder: string, files: ReportFiles): Promise<void> {
  const store = RunStore.open(storeFolder);
  if (files.junit !== undefined) writeWhole(files.junit, junitXml(store.info(), store.results()));
  if (files.allureResults !== undefined) emptyResults(files.allureResults);
  if (files.html === undefined) {
    if (files.allureResults !== undefined) writeAllureResults(store, files.allureResults);
    return;
  }
  const temporary =
    files.allureResults === undefined ? mkdtempSync(join(tmpdir(), 'sgp33-allure-')) : undefined;
  const results = files.allureResults ?? temporary ?? '';
  try {
    writeAllureResults(store, results);
    const { target } = store.info();
    await makeHtml(results, files.html, `sgp33 ${target.iut} ${target.name}`);
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

/** Adds every stored sequence to a folder of allure-results. @returns how many. */
export function writeAllureResults(store: RunStore, folder: string): number {
  const run = store.info();
  const allure = new AllureResults(folder, run);
  const results = store.results();
  for (const result of results) allure.add({ run, result, timeline: store.timeline(result.id) });
  return results.length;
}

const OURS =
  /^(?:[0-9a-f-]{36}-(?:result|container)\.json|[0-9a-f-]{36}-(?:attachment|globals)(?:\..*)?|categories\.json|environment\.properties)$/;

/** Only files that Allure writes are removed: a folder named by mistake loses nothing. */
function emptyResults(folder: string): void {
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder)) if (OURS.test(file)) rmSync(join(folder, file));
}

/** Written beside and renamed, so that nobody reads half a file. */
function writeWhole(file: string, text: string): void {
  try {
    mkdirSync(dirname(resolve(file)), { recursive: true });
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  } catch (cause) {
    throw new Sgp33Error('report-write', 'the report can not be written', {
      place: file,
      cause,
      actual: cause instanceof Error ? cause.message : String(cause),
      repair: 'Check the free space and the rights of the folder.',
    });
  }
}
