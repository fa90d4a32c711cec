import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadTarget, type Target } from '../../src/engine/load-target.js';
import { plan, select } from '../../src/engine/plan.js';
import { allSequences, type Suite } from '../../src/engine/suite.js';
import {
  CASE,
  DEFINITIONS,
  errorOf,
  folderOf,
  GOOD_STEP,
  sequence,
  suiteOf,
  testCase,
} from './support/suite-files.js';

const TARGET = 'name: t\niut: eUICC\ndriver: { kind: in-process }\n';
function target(more: string): Target {
  const root = folderOf({});
  writeFileSync(join(root, 't.yaml'), TARGET + more);
  return loadTarget(root, join(root, 't.yaml'));
}
const suite = (
  steps: string,
  more = '',
  definitions = 'MTD_X: { type: GetEuiccInfo1Request, value: {} }\n',
): Suite => suiteOf({ [CASE]: testCase(sequence(steps, more)), [DEFINITIONS]: definitions });
const decided = (s: Suite, t: Target): string[] =>
  plan(s, allSequences(s), t).map(({ decision }) =>
    'reason' in decision ? `${decision.kind}: ${decision.reason}` : decision.kind,
  );

describe('a plan', () => {
  it('says why a sequence is not taken', () => {
    expect(decided(suite(GOOD_STEP), target(''))).toEqual(['run']);
    expect(
      decided(suite(GOOD_STEP, 'applies: C1\n'), target('options: { O_ONE: true, O_TWO: true }\n')),
    ).toEqual(['not-applicable: C1 (O_ONE=true, O_TWO=true)']);
    expect(decided(suite(GOOD_STEP), target("sgp32Version: '1.0.1'\n"))).toEqual([
      'not-applicable: holds for SGP.32 1.2; the target has 1.0.1',
    ]);
    const changing = suite(GOOD_STEP, 'initialConditions: [{ eUICC: no-associated-eim }]\n');
    expect(decided(changing, target(''))).toEqual([
      'not-run: changes eim-configuration, which the target does not allow',
    ]);
    expect(decided(changing, target('allow: [eim-configuration]\n'))).toEqual(['run']);
    expect(decided(suite(`${GOOD_STEP}\n- personalise: install-profile`), target(''))[0]).toMatch(
      /^not-run: changes profiles/,
    );
  });

  it('stops for an option that nobody declared, also one of a step inside a procedure', () => {
    const inside = suite(
      `- use: PROC_X\n${GOOD_STEP}`,
      '',
      'PROC_X:\n  steps:\n    - S_IPA -> eUICC: { GetEuiccInfo1Request: {} }\n      applies: not O_TWO\n',
    );
    for (const s of [suite(GOOD_STEP, 'applies: not O_TWO\n'), inside]) {
      const error = errorOf(() => plan(s, allSequences(s), target('options: { O_ONE: true }\n')));
      expect(error.code).toBe('undeclared-option');
      expect(error.message).toContain('O_TWO');
    }
  });

  it('selects by glob and by clause, and by nothing that does not exist', () => {
    const s = suite(GOOD_STEP);
    const found = (filter: Partial<Parameters<typeof select>[1]>): number =>
      select(s, { ids: [], ...filter }).length;
    expect([
      found({ ids: ['tc_euicc_*'] }),
      found({ ids: ['*#01'] }),
      found({ ids: ['TC_eUICC_Test'] }),
    ]).toEqual([1, 1, 1]);
    expect([
      found({ clause: '5.9.1' }),
      found({ clause: 'SGP.32 5.9' }),
      found({ clause: '5.9.12' }),
      found({ clause: '9.1' }),
    ]).toEqual([1, 1, 0, 0]);
    expect(errorOf(() => found({ ids: ['TC_eUICC_Tset'] })).repair).toBe('Did you mean TC_eUICC_Test?');
  });
});

it.each([
  ['consent: yes', '4:10', 'yaml-shape'],
  ['options: { O_ONE: maybe }', '4:19', 'yaml-shape'],
  ['interpretations: { INT-ONE: strickt }', '4:29', 'yaml-shape'],
  ['allow: [profile]', '4:8', 'yaml-shape'],
  ["sgp32Version: '9'", '1:1', 'yaml-shape'],
  ['optoins: {}', '4:1', 'unknown-key'],
])('a target with %s is refused', (line, place, code) => {
  const error = errorOf(() => target(`${line}\n`));
  expect(`${error.code} ${error.place}`).toBe(`${code} t.yaml:${place}`);
});
