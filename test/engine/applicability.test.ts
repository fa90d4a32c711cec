import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  conditionText,
  holds,
  optionsOf,
  parseCondition,
  type OptionCatalogue,
} from '../../src/engine/applicability.js';
import { loadCatalogue } from '../../src/engine/load-data.js';
import { SuiteError } from '../../src/engine/yaml/nodes.js';
import { parseYaml } from '../../src/engine/yaml/parse.js';
import { errorOf } from './support/suite-files.js';

const PLACE = { file: 'a.yaml', line: 3, column: 7 };
const NAMES = ['O_A', 'O_B', 'O_C'] as const;
const catalogue: OptionCatalogue = loadCatalogue([
  parseYaml(
    'options: { O_A: a, O_B: b, O_C: c }\nconditions: { C1: O_A and O_B, C2: IF C1 THEN M ELSE N/A }\n',
    'o.yaml',
  ),
]);
const parse = (text: string): ReturnType<typeof parseCondition> => parseCondition(text, PLACE, catalogue);
const value = (text: string, ...on: string[]): boolean =>
  holds(parse(text), catalogue, new Map(NAMES.map((n) => [n, on.includes(n)])));

describe('the grammar', () => {
  it('binds not tighter than and, and tighter than or', () => {
    expect(conditionText(parse('not O_A and O_B'))).toBe('(not O_A and O_B)');
    expect(conditionText(parse('O_A or O_B and not O_C'))).toBe('(O_A or (O_B and not O_C))');
    expect(conditionText(parse('O_A and O_B or O_C and O_A'))).toBe('((O_A and O_B) or (O_C and O_A))');
    expect(value('not O_A and O_B')).toBe(false);
    expect(value('not O_A and O_B', 'O_B')).toBe(true);
    expect(value('not (O_A and O_B)')).toBe(true);
    expect(value('not not O_A', 'O_A')).toBe(true);
  });

  it('knows M, N/A, IF THEN ELSE and conditions', () => {
    expect([value('M'), value('N/A'), value('not N/A')]).toEqual([true, false, true]);
    expect(value('IF O_A THEN M ELSE N/A', 'O_A')).toBe(true);
    expect(value('IF O_A THEN O_B', 'O_A')).toBe(false);
    expect(value('IF O_A or O_B THEN N/A ELSE O_C', 'O_C')).toBe(true);
    expect([value('C2', 'O_A'), value('C2', 'O_A', 'O_B')]).toEqual([false, true]);
    expect([...optionsOf(parse('IF C2 THEN O_C ELSE not O_A'), catalogue)].sort()).toEqual([...NAMES]);
  });

  it.each([
    'O_A O_B',
    'O_A and',
    'and O_A',
    '',
    '(O_A',
    'O_A)',
    '()',
    'O_A && O_B',
    '!O_A',
    'IF O_A',
    'THEN M',
    'not',
    '5',
    'O_A or or O_B',
  ])('refuses %j with its place', (text) => {
    const error = errorOf(() => parse(text));
    expect(`${error.code} ${error.place}`).toBe('condition-syntax a.yaml:3:7');
  });

  it('says which option was meant', () => {
    const error = errorOf(() => parse('O_A and O_X_B'));
    expect(`${error.code} ${error.place}`).toBe('unknown-option a.yaml:3:7');
    expect(error.repair).toMatch(/^Did you mean O_/);
  });

  it('takes no condition twice, and none before it is written', () => {
    const load = (text: string) => () => loadCatalogue([parseYaml(text, 'o.yaml')]);
    expect(errorOf(load('conditions: { C1: C2, C2: M }')).code).toBe('unknown-option');
    expect(errorOf(load('options: { C1: x }\nconditions: { C1: M }')).message).toMatch(
      /^o\.yaml:2:19: condition C1 is defined twice/,
    );
  });

  it('survives depth', () => {
    for (const text of ['('.repeat(1e5), 'not '.repeat(1e5), 'O_A and '.repeat(1e5), 'IF '.repeat(1e5)])
      expect(errorOf(() => parse(text))).toBeInstanceOf(SuiteError);
  });
});

type Tree =
  | string
  | { not: Tree }
  | { op: 'and' | 'or'; left: Tree; right: Tree }
  | { test: Tree; then: Tree; otherwise: Tree };

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom('M', 'N/A', ...NAMES),
    fc.record({ not: tie('tree') }),
    fc.record({ op: fc.constantFrom('and' as const, 'or' as const), left: tie('tree'), right: tie('tree') }),
    fc.record({ test: tie('tree'), then: tie('tree'), otherwise: tie('tree') }),
  ),
})).tree;

/** Written with as few parentheses as the precedence allows. */
function write(t: Tree, outer: 0 | 1 | 2): string {
  if (typeof t === 'string') return t;
  if ('not' in t) return `not ${write(t.not, 2)}`;
  if ('op' in t) {
    const own = t.op === 'or' ? 0 : 1;
    const text = `${write(t.left, own)} ${t.op} ${write(t.right, own === 0 ? 1 : 2)}`;
    return outer > own ? `(${text})` : text;
  }
  return `(IF ${write(t.test, 0)} THEN ${write(t.then, 0)} ELSE ${write(t.otherwise, 0)})`;
}

function naive(t: Tree, on: ReadonlySet<string>): boolean {
  if (typeof t === 'string') return t === 'M' || on.has(t);
  if ('not' in t) return !naive(t.not, on);
  if ('op' in t)
    return t.op === 'and' ? naive(t.left, on) && naive(t.right, on) : naive(t.left, on) || naive(t.right, on);
  return naive(t.test, on) ? naive(t.then, on) : naive(t.otherwise, on);
}

it('gives what a naive evaluation gives', () => {
  fc.assert(
    fc.property(tree, fc.subarray([...NAMES]), (t, on) => {
      expect(value(write(t, 0), ...on)).toBe(naive(t, new Set(on)));
      expect(
        holds(
          parse(conditionText(parse(write(t, 0)))),
          catalogue,
          new Map(NAMES.map((n) => [n, on.includes(n)])),
        ),
      ).toBe(naive(t, new Set(on)));
    }),
    { numRuns: 500 },
  );
});
