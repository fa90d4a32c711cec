import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { junitXml } from '../../reports/junit.js';
import { FAILED_ID, problem, run, sequence, sequences } from './hand-made-store.js';
import { parseXml, type Element } from './xml.js';

const all = (root: Element, name: string): Element[] => [
  ...(root.name === name ? [root] : []),
  ...root.children.flatMap((c) => all(c, name)),
];

describe('JUnit XML', () => {
  const root = parseXml(junitXml(run, sequences));

  test('a testcase a sequence, counted by outcome', () => {
    expect(root.attributes).toMatchObject({
      tests: '7',
      failures: '2',
      errors: '2',
      skipped: '2',
      name: 'sgp33 builtin-euicc',
    });
    const outcome = (e: Element): string => e.children.find((c) => c.name !== 'properties')?.name ?? 'passed';
    expect(all(root, 'testcase').map(outcome).sort()).toEqual(
      ['passed', 'failure', 'failure', 'error', 'error', 'skipped', 'skipped'].sort(),
    );
  });

  test('a failure tells cause, place and bytes', () => {
    const failed = all(root, 'testcase').find((e) => e.attributes['name']?.startsWith(FAILED_ID));
    const failure = failed?.children.find((c) => c.name === 'failure');
    expect(failure?.attributes).toEqual({
      message: 'the eUICC reported another error',
      type: 'FAIL wrong-error-code',
    });
    expect(failure?.text).toContain('suites/sgp33-1-euicc/load-euicc-package.yaml:21');
    expect(all(failed ?? root, 'property').map((e) => e.attributes)).toContainEqual({
      name: 'provenance',
      value: 'derived',
    });
    expect(failed?.attributes['time']).toBe('0.042');
  });

  test('a skipped one tells its reason', () => {
    const reasons = all(root, 'skipped').map((e) => e.attributes['message']);
    expect(reasons).toEqual([
      'NOT_APPLICABLE: C_FALLBACK is false: O_E_FALLBACK is not declared as supported',
      'NOT_RUN: needs allow: memory-reset',
    ]);
  });

  test('whatever the text, the document stays well-formed', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(']]>', '<!--', '&#0;', '\ud800', '\uffff', '\u0000'),
    );
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom('FAIL' as const, 'NOT_RUN' as const, 'ERROR' as const),
        (a, b, verdict) => {
          const result = sequence({
            id: a,
            title: b,
            reason: a,
            verdict,
            problems: [problem({ message: a, path: b, actual: a })],
          });
          const parsed = parseXml(junitXml({ ...run, identity: { [a]: b } }, [result]));
          expect(all(parsed, 'testcase')).toHaveLength(1);
        },
      ),
    );
  });
});
