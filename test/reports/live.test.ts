import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reportLive, writeAllureResults } from '../../reports/index.js';
import { packageRoot } from '../../src/protocol/package-root.js';
import { normalised } from './allure-folder.js';
import { handMadeStore, run, sequence, sequences, timeline } from './hand-made-store.js';

/** Exit code of vitest over live.fixture.ts; its environment must not look like that of a vitest worker. */
function liveRun(store: string, results: string): Promise<number | string | null> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const clean = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|TEST$|ALLURE)/.test(name));
  const env = { ...Object.fromEntries(clean), SGP33_TEST_STORE: store, SGP33_TEST_RESULTS: results };
  const args = [vitest, 'run', '--config', 'test/reports/live.config.ts', '--root', packageRoot()];
  return new Promise((done) => {
    const child = execFile(process.execPath, args, { env, cwd: packageRoot(), timeout: 60_000 }, () => {
      done(child.exitCode ?? child.signalCode);
    });
  });
}

describe('Allure live under vitest', () => {
  test('a report made from the store equals the one written live', { timeout: 70_000 }, async () => {
    const store = handMadeStore();
    const live = join(store.folder, 'live');
    const again = join(store.folder, 'again');
    expect(await liveRun(store.folder, live)).toBe(1);
    expect(writeAllureResults(store, again)).toBe(sequences.length);

    const results = normalised(live);
    expect(results).toHaveLength(sequences.length);
    expect(results).toEqual(normalised(again));
    for (const file of ['categories.json', 'environment.properties'])
      expect(readFileSync(join(live, file), 'utf8')).toBe(readFileSync(join(again, file), 'utf8'));
  });

  test('outside of allure-vitest it says so', async () => {
    await expect(reportLive({ run, result: sequence(), timeline })).rejects.toMatchObject({
      code: 'allure-runtime',
    });
  });
});
