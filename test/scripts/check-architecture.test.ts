import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../../src/protocol/package-root.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sgp33-arch-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function check(files: Record<string, string>): { status: number | null; lines: string[] } {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const script = join(packageRoot(), 'scripts', 'check-architecture.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
  return { status, lines: (stdout + stderr).trim().split('\n') };
}

it('accepts a tree whose imports point one way', () => {
  const { status, lines } = check({
    'src/protocol/a.ts': "import { readFileSync } from 'node:fs';\nimport { b } from './b.js';\n",
    'src/protocol/b.ts':
      "// import { x } from '../engine/x.js';\nexport const b = \"import '../cli/x.js'\";\n",
    'src/simulators/s.ts': "import '../protocol/a.js';\nimport 'node:net';\n",
    'src/engine/e.ts': "import '../protocol/a.js';\nimport type { C } from '../../drivers/contract.js';\n",
    'src/engine/results.ts': 'export const worst = 1;\n',
    'drivers/contract.ts': "import '../src/protocol/a.js';\n",
    'drivers/in-process.ts': "import './contract.js';\nimport '../src/simulators/s.js';\n",
    'reports/allure.ts':
      "import { type E } from '../src/engine/e.js';\nimport { worst } from '../src/engine/results.js';\n",
    'src/cli/main.ts':
      "import '../engine/e.js';\nimport '../../drivers/in-process.js';\nimport '../../reports/allure.js';\n",
    'test/t.test.ts': "import '../src/cli/main.js';\nimport '../drivers/in-process.js';\n",
  });
  expect(lines).toEqual(['architecture: 10 files, imports point one way']);
  expect(status).toBe(0);
});

it('names each violation with file and line, in every form an import has', () => {
  const { status, lines } = check({
    'src/protocol/a.ts': "\nimport { s } from '../simulators/s.js';\nexport * from '../engine/e.js';\n",
    'src/protocol/b.ts': "type T = import('../engine/e.js').T;\nawait import('../cli/main.js');\n",
    'src/simulators/s.ts': "import type { E } from '../engine/e.js';\n",
    'src/engine/e.ts':
      "import '../../drivers/in-process.js';\nimport { connect } from 'node:net';\nimport '../../test/helper.js';\n",
    'drivers/in-process.ts': "import '../src/engine/e.js';\n",
    'reports/allure.ts': "import { type E, run } from '../src/engine/e.js';\n",
  });
  expect(status).toBe(1);
  expect(lines).toMatchInlineSnapshot(`
    [
      "src/engine/e.ts:1: src/engine must not import drivers (drivers/in-process.ts); it may import src/engine/results, drivers/contract, src/protocol",
      "src/engine/e.ts:2: src/engine must not reach outside by itself (node:net): that is for drivers and simulators",
      "src/engine/e.ts:3: the product imports test/helper.ts",
      "src/protocol/a.ts:2: src/protocol must not import src/simulators (src/simulators/s.ts); it may import nothing else of ours",
      "src/protocol/a.ts:3: src/protocol must not import src/engine (src/engine/e.ts); it may import nothing else of ours",
      "src/protocol/b.ts:1: src/protocol must not import src/engine (src/engine/e.ts); it may import nothing else of ours",
      "src/protocol/b.ts:2: src/protocol must not import src/cli (src/cli/main.ts); it may import nothing else of ours",
      "src/simulators/s.ts:1: src/simulators must not import src/engine (src/engine/e.ts); it may import src/transport, src/protocol",
      "drivers/in-process.ts:1: drivers must not import src/engine (src/engine/e.ts); it may import drivers/contract, src/transport, src/protocol, src/simulators",
      "reports/allure.ts:1: reports may import only types from src/engine (src/engine/e.ts)",
      "10 violations of the architecture (scripts/architecture-rules.mjs)",
    ]
  `);
});

it('refuses a file of more than 400 lines without a reason, and a reason without such a file', () => {
  const long = 'x;\n'.repeat(401);
  const first = check({ 'src/engine/long.ts': long, 'src/engine/just.ts': 'x;\n'.repeat(400) });
  expect(first.lines[0]).toBe('src/engine/long.ts:400: 401 lines; split it by concern');
  expect(first.status).toBe(1);
  const reasons = { 'src/engine/long.ts': 'one table' };
  expect(check({ 'scripts/long-files.json': JSON.stringify(reasons) }).status).toBe(0);
  const stale = check({ 'src/engine/long.ts': 'x;\n' });
  expect(stale.status).toBe(1);
  expect(stale.lines[0]).toBe(
    'scripts/long-files.json:1: src/engine/long.ts is not over 400 lines; remove the entry',
  );
});

it('refuses a tree without sources', () => {
  expect(check({ 'README.md': '' }).status).toBe(1);
});
