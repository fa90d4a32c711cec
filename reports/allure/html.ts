/** One HTML file with the whole report in it, to be opened from disk. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { generate } from './generator.js';
import { stripRemote } from './strip.js';

/** Beyond it the page passes the longest string of the runtime, at which the generator ends the process. */
const MAX_RESULTS_BYTES = 256 * 1024 * 1024;

/**
 * Makes one HTML file, offline, from a folder of allure-results.
 *
 * @param name title of the report.
 * @throws {Sgp33Error} `report-empty` without results, `report-too-large` beyond 256 MB of results,
 * `report-generator` or `report-html` when the generator is missing or not the known one.
 */
export async function makeHtml(resultsDir: string, outFile: string, name = 'sgp33'): Promise<void> {
  checkSize(resultsDir);
  const work = mkdtempSync(join(tmpdir(), 'sgp33-html-'));
  try {
    await generate(resolve(resultsDir), work, name);
    const html = stripRemote(readFileSync(join(work, 'index.html'), 'utf8'));
    mkdirSync(dirname(resolve(outFile)), { recursive: true });
    // Renamed, so that nobody opens half a page.
    writeFileSync(`${outFile}.new`, html);
    renameSync(`${outFile}.new`, outFile);
  } catch (cause) {
    if (cause instanceof Sgp33Error) throw cause;
    throw new Sgp33Error('report-html', 'the HTML report can not be made', {
      place: outFile,
      cause,
      actual: cause instanceof Error ? cause.message : String(cause),
      repair: 'Check the free space and the rights of the folder.',
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function checkSize(resultsDir: string): void {
  let files: string[] = [];
  try {
    files = readdirSync(resultsDir);
  } catch {
    // Told below: a folder that is missing holds no result either.
  }
  if (!files.some((f) => f.endsWith('-result.json')))
    throw new Sgp33Error('report-empty', 'no Allure results here', {
      place: resultsDir,
      expected: '*-result.json',
      repair: 'Name the allure-results folder of a run that ran at least one sequence.',
    });
  const bytes = files.reduce((sum, f) => sum + statSync(join(resultsDir, f)).size, 0);
  if (bytes > MAX_RESULTS_BYTES)
    throw new Sgp33Error('report-too-large', 'too much for one HTML file', {
      place: resultsDir,
      expected: `at most ${MAX_RESULTS_BYTES} bytes`,
      actual: `${bytes} bytes`,
      repair: 'Select fewer sequences, or read the run store itself.',
    });
}
