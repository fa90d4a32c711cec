import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RunStore } from '../../src/engine/run-store.js';
import { lastLine, run, start, temporary } from './call.js';

const DEADLINE = { timeout: 60_000 };
const COUNTS = /^\d+ passed, \d+ failed, \d+ inconclusive, \d+ not applicable, \d+ not run, \d+ errors$/;

describe('sgp33 run', () => {
  test('0: all passed, with results, report and JUnit', DEADLINE, async () => {
    const cwd = temporary();
    const { code, out, err } = await run(['TC_eUICC_ES10b.GetEID', '*Selection#03', '--junit', 'j.xml'], cwd);
    expect(err).toBe('');
    expect(lastLine(out)).toBe('3 passed, 0 failed, 0 inconclusive, 1 not applicable, 0 not run, 0 errors');
    expect(code).toBe(0);
    expect(out).toMatch(/^PASS +TC_eUICC_ES10b\.GetEID#01 .* \d+ ms$/m);
    expect(out).toMatch(/Not applicable:\n {2}TC_eUICC_ATR_And_ISDR_Selection#03 {2}P_E_IPAE/);
    const [id = ''] = readdirSync(join(cwd, 'runs'));
    expect(out).toContain(`Report   ${join('runs', id, 'report.html')}`);
    expect(existsSync(join(cwd, 'runs', id, 'report.html'))).toBe(true);
    expect(readFileSync(join(cwd, 'j.xml'), 'utf8')).toContain('tests="4"');
    const store = RunStore.open(join(cwd, 'runs', id));
    expect(store.info()).toMatchObject({
      counts: { passed: 3, notApplicable: 1 },
      identity: { transport: 'in-process' },
    });
    expect(store.results().map((r) => r.verdict)).toContain('NOT_APPLICABLE');
    expect(store.timeline('TC_eUICC_ES10b.GetEID#01').length).toBeGreaterThan(1);
  });

  test('1: a seeded defect fails the sequence that names it, with the place', DEADLINE, async () => {
    const cwd = temporary();
    const { code, out } = await run(
      ['TC_eUICC_ESep.Enable#01', '--defect', 'enable-not-effective', '--no-html', '--out', 'o'],
      cwd,
    );
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL \S+ {2}TC_eUICC_ESep\.Enable#01 step \d+ .*enable\.yaml:\d+$/m);
    expect(out).toMatch(/expected +\S/);
    expect(out).toMatch(/trace {2}o\/sequences\//);
    expect(lastLine(out)).toMatch(/^0 passed, 1 failed/);
    expect(existsSync(join(cwd, 'o', 'report.html'))).toBe(false);
  });

  test('3: what the target does not allow is not run', DEADLINE, async () => {
    const { code, out } = await run(
      ['TC_eUICC_ESep.Enable#01', '*GetEID#01', '--allow', 'addresses', '--no-html'],
      temporary(),
    );
    expect(lastLine(out)).toBe('1 passed, 0 failed, 0 inconclusive, 0 not applicable, 1 not run, 0 errors');
    expect(out).toMatch(/Not run:\n {2}TC_eUICC_ESep\.Enable#01 {2}changes .*does not allow/);
    expect(code).toBe(3);
  });

  test(
    '4: a report that can not be made is the fault of the tool, and the results stay',
    DEADLINE,
    async () => {
      const cwd = temporary();
      mkdirSync(join(cwd, 'folder'));
      const { code, out, err } = await run(
        ['*GetEID#01', '--no-html', '--junit', 'folder', '--out', 'o'],
        cwd,
      );
      expect(err).toMatch(/the report can not be written/);
      expect(lastLine(out)).toMatch(/^1 passed/);
      expect(code).toBe(4);
      expect(RunStore.open(join(cwd, 'o')).results()).toHaveLength(1);
    },
  );

  test('2: a folder that holds something is not written to', DEADLINE, async () => {
    const cwd = temporary();
    mkdirSync(join(cwd, 'o', 'mine'), { recursive: true });
    const { code, err } = await run(['*GetEID#01', '--out', 'o'], cwd);
    expect(err).toMatch(/o: the folder for the results is not empty/);
    expect(code).toBe(2);
    expect(readdirSync(join(cwd, 'o'))).toEqual(['mine']);
  });

  test(
    '130: an interruption keeps what was finished, and says of the rest that it did not run',
    DEADLINE,
    async () => {
      const cwd = temporary();
      const { child, done } = start(['run', '--no-html', '--out', 'o'], cwd);
      let interrupted = false;
      child.stdout?.on('data', (chunk: Buffer) => {
        if (interrupted || !chunk.toString('utf8').includes('PASS')) return;
        interrupted = true;
        child.kill('SIGINT');
      });
      const { code, out } = await done;
      expect(code).toBe(130);
      expect(lastLine(out)).toMatch(COUNTS);
      const store = RunStore.open(join(cwd, 'o'));
      const verdicts = store.results().map((r) => r.verdict);
      expect(verdicts).toContain('PASS');
      expect(verdicts).toContain('NOT_RUN');
      expect(verdicts).not.toContain('ERROR');
      const { counts } = store.info();
      expect(counts?.notRun).toBe(verdicts.filter((v) => v === 'NOT_RUN').length);
    },
  );
});

test('sgp33 run goes on to its end when nobody reads its output any more', DEADLINE, async () => {
  const folder = temporary();
  const { child, done } = start(['run', '--no-html', '--out', 'results', 'TC_eUICC_ESep.Enable*'], folder);
  child.stdout?.destroy();
  const { code, err } = await done;
  expect([code, err]).toEqual([0, '']);
  expect(
    RunStore.open(join(folder, 'results'))
      .results()
      .map((r) => r.verdict),
  ).not.toContain('NOT_RUN');
  expect(RunStore.open(join(folder, 'results')).info()).toMatchObject({ counts: { failed: 0 } });
});
