import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asList,
  asMap,
  asText,
  onlyKeys,
  show,
  SuiteError,
  type YNode,
} from '../../../src/engine/yaml/nodes.js';
import { parseYaml, TAGS } from '../../../src/engine/yaml/parse.js';
import { root } from '../support/built-in.js';
import { errorOf } from '../support/suite-files.js';

const parse = (text: string): YNode => parseYaml(text, 'a.yaml');
const at = (text: string): string => {
  const error = errorOf(() => parse(text));
  expect(error).toBeInstanceOf(SuiteError);
  return `${error.code} ${error.place ?? ''}`;
};

describe('mistakes have their code and their place', () => {
  it.each([
    ['unclosed list', 'a: [1, 2\n', 'yaml-syntax a.yaml:2:1'],
    ['tab as indentation', 'a:\n\tb: 1\n', 'yaml-syntax a.yaml:2:1'],
    ['duplicate key', 'a: 1\nbb: 2\na: 3\n', 'yaml-syntax a.yaml:3:1'],
    ['two documents', 'a: 1\n---\nb: 2\n', 'yaml-syntax a.yaml:2:1'],
    ['unknown tag', 'a: 1\nb: [x, !byte 16]\n', 'yaml-tag a.yaml:2:8'],
    ['unknown tag of a map', 'a: !oneof\n  - b\n', 'yaml-tag a.yaml:1:4'],
    ['core tag that gives a meaning', 'a: !!int 5\n', 'yaml-tag a.yaml:1:4'],
    ['tag on a key', '!any a: 1\n', 'yaml-tag a.yaml:1:6'],
    ['alias', 'a: &x 1\nb: *x\n', 'yaml-alias a.yaml:2:4'],
    ['alias as a key', 'a: &x k\n*x : 1\n', 'yaml-alias a.yaml:2:1'],
    ['merge key', 'a: &x { b: 1 }\nc:\n  <<: { b: 2 }\n', 'yaml-alias a.yaml:3:3'],
    ['list as a key', '? [a]\n: 1\n', 'yaml-shape a.yaml:1:1'],
    ['empty file', '', 'yaml-shape a.yaml:1:1'],
    ['comments only', '# nothing\n\n', 'yaml-shape a.yaml:1:1'],
    ['nested too deep', `a: ${'['.repeat(70)}${']'.repeat(70)}\n`, 'yaml-shape a.yaml:1:64'],
  ])('%s', (_, text, expected) => {
    expect(at(text)).toBe(expected);
  });

  it('survives text that exhausts the stack of the parser', () => {
    for (const open of ['[', '{a: ', '- ', '? '])
      expect(errorOf(() => parse(open.repeat(50_000)))).toBeInstanceOf(SuiteError);
  });

  it('says which tag was meant, and shows the line of a syntax error', () => {
    expect(errorOf(() => parse('a: !byts 16')).repair).toBe('Did you mean !bytes?');
    expect(errorOf(() => parse('a: 1\nb: [x\n')).message).toMatch(/^a\.yaml:3:1: /);
    expect(errorOf(() => parse('a: 1\na: 2\n')).actual).toBe('a: 2');
  });
});

describe('shape helpers', () => {
  const node = parse('key: [1]\nnotKnown: x\n');
  it('name what was wanted and where it is not', () => {
    expect(errorOf(() => asText(node, 'the name')).message).toBe(
      'a.yaml:1:1: the name must be a text; got a map',
    );
    expect(errorOf(() => asList(node, 'it')).message).toBe('a.yaml:1:1: it must be a list; got a map');
    expect(errorOf(() => asMap(parse('[x]'), 'it')).message).toBe('a.yaml:1:1: it must be a map; got a list');
    const unknown = errorOf(() => onlyKeys(asMap(node, 'it'), ['key', 'known', 'noKnown'], 'it'));
    expect(unknown.code).toBe('unknown-key');
    expect(unknown.place).toBe('a.yaml:2:1');
    expect(unknown.repair).toBe('Did you mean noKnown?');
  });
});

describe('the failsafe schema', () => {
  it.each([
    '9000',
    '0E10',
    '1E5',
    '1.10',
    '8949449999999990015',
    '~',
    'null',
    'true',
    'FALSE',
    '0x10',
    '.inf',
    '1_000',
    '2001-01-01',
    '',
  ])('keeps %j as text', (text) => {
    const node = asMap(parse(`a: ${text}\nb: ["${text}"]\n`), 'it');
    expect(node.entries[0]?.value).toMatchObject({ kind: 'scalar', text, tag: undefined });
    expect(asList(node.entries[1]?.value as YNode, 'b').items[0]).toMatchObject({ kind: 'scalar', text });
  });

  it('keeps tags of scalars, lists and maps, also of those that stand alone', () => {
    expect(show(parse('{ a: !absent , b: !oneOf [x, !bytes 3], c: !exact { d: !!str 1 } }'))).toBe(
      '{ a: !absent, b: !oneOf [x, !bytes 3], c: !exact { d: 1 } }',
    );
    for (const tag of TAGS) expect(parse(`!${tag} x`)).toMatchObject({ tag, text: 'x' });
  });

  it('gives each node its line and column', () => {
    const node = asMap(parse('a:\n  - bc: d\n'), 'it');
    const list = asList(node.entries[0]?.value as YNode, 'a');
    const inner = asMap(list.items[0] as YNode, 'b');
    expect(inner.entries[0]?.keyPlace).toEqual({ file: 'a.yaml', line: 2, column: 5 });
    expect(inner.entries[0]?.value.place).toEqual({ file: 'a.yaml', line: 2, column: 9 });
  });
});

describe('any text', () => {
  const onlyOurs = (text: string): void => {
    try {
      parse(text);
    } catch (error) {
      expect(error).toBeInstanceOf(SuiteError);
      expect((error as SuiteError).place).toMatch(/^a\.yaml:[1-9]\d*:[1-9]\d*$/);
    }
  };
  it('is read or refused with a place', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), onlyOurs), { numRuns: 500 });
  });
  it('made of YAML pieces too', () => {
    const piece = fc.constantFrom(
      'a: ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '!any ',
      '!!int ',
      '&x ',
      '*x',
      '? ',
      ': ',
      '|\n',
      '"',
      "'",
      '#',
      '---\n',
      '<<',
      '%TAG ! x\n',
      'x',
      ', ',
      '\t',
      '\uFEFF',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }).map((p) => p.join('')),
        onlyOurs,
      ),
      { numRuns: 1500 },
    );
  });
});

it('reads every YAML file of suites, fixtures and config', () => {
  const files = ['suites', 'fixtures', 'config'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('.yaml'))
      .map((f) => join(root, folder, f)),
  );
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) expect(() => parseYaml(readFileSync(file, 'utf8'), file)).not.toThrow();
});
