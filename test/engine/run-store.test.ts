import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  countsLine,
  countVerdicts,
  exitCode,
  worst,
  type RunInfo,
  type SequenceResult,
  type Verdict,
} from '../../src/engine/result.js';
import { folderName, RunStore } from '../../src/engine/run-store.js';
import { errorOf } from './support/suite-files.js';

const INFO: RunInfo = {
  id: 'r1',
  tool: { name: 'sgp33', version: '1' },
  target: {
    name: 't',
    iut: 'eUICC',
    driver: 'in-process',
    file: 't.yaml',
    sgp32Version: '1.2',
    sgp22Version: '2.5',
  },
  identity: {},
  options: {},
  defects: [],
  allow: [],
  startedAt: '2026-01-01T00:00:00.000Z',
};
const result = (nr: string, title = 'x'): SequenceResult =>
  ({ id: `TC_eUICC_A#${nr}`, nr, title, verdict: 'PASS', problems: [] }) as unknown as SequenceResult;

function store(): RunStore {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return RunStore.create(join(folder, 'r1'), INFO);
}

describe('the run store', () => {
  it('gives back what was appended, from another process too', () => {
    const first = store();
    first.append(result('01', 'line\nfeed \u2028'), [{ at: 1, kind: 'c-apdu', hex: '00' }]);
    first.append(result('02'), []);
    first.sync();
    const second = RunStore.open(first.folder);
    expect(second.info()).toEqual(INFO);
    expect(second.results()).toEqual([result('01', 'line\nfeed \u2028'), result('02')]);
    expect(second.timeline('TC_eUICC_A#01')).toEqual([{ at: 1, kind: 'c-apdu', hex: '00' }]);
    expect(second.timeline('TC_eUICC_A#02')).toEqual([]);
    expect(second.timeline('TC_eUICC_A#09')).toEqual([]);
  });

  it('leaves out the half line of a killed run, and goes on behind the last whole one', () => {
    const one = store();
    one.append(result('01'), []);
    appendFileSync(join(one.folder, 'sequences.jsonl'), `{"id":"half","title":"${'x'.repeat(200_000)}`);
    expect(one.results()).toEqual([result('01')]);
    one.append(result('02'), []);
    expect(one.results()).toEqual([result('01'), result('02')]);
    expect(readFileSync(join(one.folder, 'sequences.jsonl'), 'utf8')).not.toContain('half');
  });

  it('keeps nothing of a first line that is half', () => {
    const one = store();
    writeFileSync(join(one.folder, 'sequences.jsonl'), '{"id":');
    expect(one.results()).toEqual([]);
    one.append(result('01'), []);
    expect(one.results()).toEqual([result('01')]);
  });

  it('says where a damaged line stands', () => {
    const one = store();
    writeFileSync(join(one.folder, 'sequences.jsonl'), '{}\n{"a":\n');
    const error = errorOf(() => one.results());
    expect(error.code).toBe('run-store');
    expect(error.place).toMatch(/sequences\.jsonl:2$/);
  });

  it('says that a folder can not be written', () => {
    const one = store();
    const inFile = join(one.folder, 'run.json', 'r2');
    expect(errorOf(() => RunStore.create(inFile, INFO)).code).toBe('run-store');
    expect(errorOf(() => RunStore.open(join(one.folder, 'none'))).code).toBe('run-store');
    rmSync(join(one.folder, 'sequences'), { recursive: true });
    writeFileSync(join(one.folder, 'sequences'), 'a file in its place');
    expect(errorOf(() => one.append(result('01'), [])).code).toBe('run-store');
  });

  it('makes folder names that nothing trips over, one for each id', () => {
    expect(folderName("TC_eUICC_ES10b.Get#01'+")).toBe('TC_eUICC_ES10b.Get~2301~27~2b');
    expect(folderName('..')).not.toContain('.');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(folderName(a)).toMatch(/^[A-Za-z0-9._~-]*$/);
        if (a !== b) expect(folderName(a)).not.toBe(folderName(b));
      }),
    );
  });
});

describe('verdicts together', () => {
  it('the worst decides', () => {
    const order: Verdict[] = ['ERROR', 'FAIL', 'INCONCLUSIVE', 'NOT_RUN', 'PASS'];
    order.forEach((v, i) => expect(worst(order.slice(i).reverse())).toBe(v));
    expect(worst([])).toBe('PASS');
    expect(worst(['NOT_APPLICABLE', 'PASS'])).toBe('PASS');
  });

  it.each<[Verdict[], number]>([
    [['PASS', 'NOT_APPLICABLE'], 0],
    [['PASS', 'FAIL', 'INCONCLUSIVE'], 1],
    [[], 2],
    [['NOT_APPLICABLE'], 2],
    [['PASS', 'INCONCLUSIVE'], 3],
    [['PASS', 'NOT_RUN'], 3],
    [['FAIL', 'ERROR', 'PASS'], 4],
  ])('%j ends with %i', (verdicts, code) => {
    expect(exitCode(countVerdicts(verdicts))).toBe(code);
  });

  it('counts in one line', () => {
    const line = countsLine(
      countVerdicts(['PASS', 'FAIL', 'FAIL', 'INCONCLUSIVE', 'NOT_APPLICABLE', 'NOT_RUN', 'ERROR']),
    );
    expect(line).toBe('1 passed, 2 failed, 1 inconclusive, 1 not applicable, 1 not run, 1 errors');
  });
});
