import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allSequences, type StepSpec } from '../../src/engine/suite.js';
import type { YNode } from '../../src/engine/yaml/nodes.js';
import { find } from '../../src/engine/yaml/nodes.js';
import { ownSuite, root } from './support/built-in.js';

/** Test cases of groups 1.1 to 1.5 with the number of their last sequence. */
const CATALOGUE: Readonly<Record<string, number>> = {
  TC_eUICC_ATR_And_ISDR_Selection: 7,
  'TC_eUICC_ES10b.GetCerts': 5,
  'TC_eUICC_ES10b.GetEID': 3,
  'TC_eUICC_ES10b.GetEUICCInfo': 10,
  'TC_eUICC_ES10b.LoadEuiccPackage': 16,
  'TC_eUICC_ES10b.LoadEuiccPackage_ErrorCases': 23,
  'TC_eUICC_ESep.Enable': 6,
  'TC_eUICC_ESep.Enable_ErrorCases': 8,
  'TC_eUICC_ESep.Disable': 3,
  'TC_eUICC_ESep.Disable_ErrorCases': 5,
  'TC_eUICC_ESep.Delete': 3,
  'TC_eUICC_ESep.Delete_ErrorCases': 6,
  'TC_eUICC_ES10b.AddInitialEim': 18,
  'TC_eUICC_ES10b.GetEimConfigurationData': 7,
};

const ids = (text: string): string[] => [...text.matchAll(/TC_[A-Za-z0-9_.+]+#\d\d/g)].map(([id]) => id);
/** Without a test case at all: rows that speak of the built-in eUICC only are left aside. */
const notTestable = readFileSync(join(root, 'docs/not-testable.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/on the built-in eUICC|shows that/.test(line))
  .flatMap(ids);

describe('the catalogue', () => {
  it('has a sequence, or a reason why it can not be tested, for every id', () => {
    const expected = Object.entries(CATALOGUE).flatMap(([id, last]) =>
      Array.from({ length: last }, (_, i) => `${id}#${String(i + 1).padStart(2, '0')}`),
    );
    const there = allSequences(ownSuite()).map((s) => s.id);
    expect(
      [...there, ...notTestable].filter((id) => (id.split('#')[0] as string) in CATALOGUE).sort(),
    ).toEqual(expected.sort());
  });

  it('names no sequence as not testable that is there', () => {
    const there = new Set(allSequences(ownSuite()).map((s) => s.id));
    expect(notTestable.length).toBeGreaterThan(0);
    expect(notTestable.filter((id) => there.has(id))).toEqual([]);
  });
});

describe('requirements', () => {
  const used = new Set(allSequences(ownSuite()).flatMap((s) => s.requirements));
  it('are used by some step, unless they can not be tested', () => {
    const all = [...ownSuite().requirements.values()];
    expect(all.filter((r) => r.testable !== used.has(r.id)).map((r) => r.id)).toEqual([]);
    expect([...used].filter((id) => !ownSuite().requirements.has(id))).toEqual([]);
  });

  it('have a clause of a specification, and their words', () => {
    for (const r of ownSuite().requirements.values()) {
      expect(r.clause, r.id).toMatch(/^(SGP\.(02|22|23|32|33)|RFC|ETSI TS|GlobalPlatform|ISO)/);
      expect(r.text.length, r.id).toBeGreaterThan(20);
    }
  });
});

/** What a step says of what the IUT did. */
function expectedOf(step: StepSpec): YNode | undefined {
  if (step.kind === 'exchange' || step.kind === 'receive') return step.answer;
  return step.kind === 'serve' ? step.expected : undefined;
}

describe('interpretations', () => {
  const used = new Set<string>();
  const collect = (n: YNode | undefined): void => {
    if (n?.kind === 'list') n.items.forEach(collect);
    if (n?.kind !== 'map') return;
    const id = find(n, 'interpretation');
    if (id?.kind === 'scalar') used.add(id.text);
    for (const e of n.entries) collect(e.value);
  };
  for (const s of allSequences(ownSuite())) for (const step of s.steps) collect(expectedOf(step));
  for (const d of ownSuite().definitions.values()) for (const step of d.steps) collect(expectedOf(step));

  it('are relied upon by an alternative of some step, or read strictly by the steps as they are', () => {
    const idle = [...ownSuite().interpretations.values()].filter((i) => !used.has(i.id));
    expect(idle.filter((i) => i.policy !== 'strict').map((i) => i.id)).toEqual([]);
    expect(used.size).toBeGreaterThan(5);
    for (const i of ownSuite().interpretations.values())
      expect(
        [i.clause, i.ambiguity, i.reading].every((t) => t.length > 5),
        i.id,
      ).toBe(true);
  });
});
