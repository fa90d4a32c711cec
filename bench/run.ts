/**
 * Runs every bench/*.bench.ts (`npm run bench`), prints what each measured beside its goal; exit code 1 when one is missed.
 * Built like the tool itself: what runs TypeScript as it is names every function at each call, and makes code slower that
 * makes many.
 */
import { readdir } from 'node:fs/promises';
import type { BenchResult } from './support/measure.js';

const here = new URL('.', import.meta.url);
const only = process.argv[2] ?? '';
const files = (await readdir(here)).filter((f) => f.endsWith('.bench.js') && f.includes(only)).sort();
if (files.length === 0) {
  process.stderr.write(`no bench/*.bench.ts matches "${only}"\n`);
  process.exit(2);
}

const results: BenchResult[] = [];
for (const file of files) {
  const bench = (await import(new URL(file, here).href)) as { run(): Promise<BenchResult[]> };
  process.stdout.write(`${file}\n`);
  for (const result of await bench.run()) {
    results.push(result);
    process.stdout.write(
      `  ${result.ok ? 'ok  ' : 'MISS'} ${result.name}: ${result.value} (goal ${result.goal})\n`,
    );
  }
}
process.exitCode = results.every((r) => r.ok) ? 0 : 1;
