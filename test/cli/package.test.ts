/** What `npm pack` makes, installed where another vitest is, as a user does it. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/protocol/package-root.js';
import { lastLine } from './call.js';

const FOREIGN_VITEST = '3.2.4';
const INSTALL_DEADLINE = 300_000;

interface Ended {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

function npm(command: 'npm' | 'npx', args: readonly string[], cwd: string): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_ENV|TEST$|ALLURE|SGP33|npm_)/.test(name),
  );
  const options = { cwd, env: Object.fromEntries(inherited), timeout: INSTALL_DEADLINE, maxBuffer: 1 << 26 };
  return new Promise((resolve) =>
    execFile(command, args, options, (error, out, err) =>
      resolve({ code: error?.code ?? (error === null ? 0 : 1), out, err }),
    ),
  );
}

describe('the published package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-package-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    const packed = await npm(
      'npm',
      ['pack', '--ignore-scripts', '--pack-destination', folder],
      packageRoot(),
    );
    expect(packed.code, packed.err).toBe(0);
    const tarball = readdirSync(folder).find((f) => f.endsWith('.tgz')) ?? '';
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ private: true, dependencies: { sgp33: `file:${tarball}`, vitest: FOREIGN_VITEST } }),
    );
    const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    const installed = await npm('npm', ['install', ...flags], folder);
    expect(installed.code, installed.err).toBe(0);
  }, 2 * INSTALL_DEADLINE);

  test('stands beside another vitest', () => {
    const version = (...path: string[]): unknown =>
      (
        JSON.parse(readFileSync(join(folder, 'node_modules', ...path, 'package.json'), 'utf8')) as {
          version: unknown;
        }
      ).version;
    expect(version('vitest')).toBe(FOREIGN_VITEST);
    expect(version('sgp33', 'node_modules', 'vitest')).not.toBe(FOREIGN_VITEST);
  });

  test('runs', { timeout: 120_000 }, async () => {
    const { code, out, err } = await npm('npx', ['--no', 'sgp33', 'run', 'TC_eUICC_ES10b.GetEID*'], folder);
    expect(lastLine(out), err).toMatch(
      /^[1-9]\d* passed, 0 failed, 0 inconclusive, 0 not applicable, 0 not run, 0 errors$/,
    );
    expect(code).toBe(0);
    const [id = ''] = readdirSync(join(folder, 'runs'));
    expect(existsSync(join(folder, 'runs', id, 'report.html'))).toBe(true);
  });

  test('is a library too', { timeout: 60_000 }, async () => {
    const script =
      "import { createEuicc, loadSuite } from 'sgp33'; console.log(typeof loadSuite, createEuicc().eid.length)";
    writeFileSync(join(folder, 'use.mjs'), script);
    const { out, err } = await npm('npx', ['--no', 'node', 'use.mjs'], folder);
    expect(out.trim(), err).toBe('function 32');
  });
});
