/**
 * Makes the pages of docs/ that are data: `npm run docs`. With `--check` nothing is written, and a page that is out
 * of date ends with exit code 1.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadSuite } from '../src/engine/load-suite.js';
import { packageRoot } from '../src/protocol/package-root.js';
import { readmeWithCoverage } from './docs/coverage.js';
import { defectsPage } from './docs/defects.js';
import { interpretationsPage } from './docs/interpretations.js';
import { requirementsPage } from './docs/requirements.js';

/** File below the root to its text. */
export function generatedPages(root: string): Map<string, string> {
  const suite = loadSuite({ root });
  return new Map([
    ['README.md', readmeWithCoverage(readFileSync(join(root, 'README.md'), 'utf8'), suite)],
    ['docs/built-in-defects.md', defectsPage(suite)],
    ['docs/interpretations.md', interpretationsPage(suite)],
    ['docs/requirements.md', requirementsPage(suite)],
  ]);
}

/** Those that are missing or hold another text. */
export const outOfDate = (root: string, pages: ReadonlyMap<string, string>): string[] =>
  [...pages]
    .filter(
      ([file, text]) => !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== text,
    )
    .map(([file]) => file);

function main(check: boolean): number {
  const root = packageRoot();
  const pages = generatedPages(root);
  const stale = outOfDate(root, pages);
  if (check) {
    for (const file of stale) process.stderr.write(`${file} is out of date: run \`npm run docs\`\n`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const file of stale) writeFileSync(join(root, file), pages.get(file) ?? '');
  process.stdout.write(stale.length === 0 ? 'nothing to do\n' : `${stale.join('\n')}\n`);
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = main(process.argv.includes('--check'));
