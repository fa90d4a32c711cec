import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/protocol/package-root.js';
import { codesOf, errorCodesInSource } from './error-codes.js';

/** Rows `| \`code\` | meaning | repair |` of docs/errors.md. */
function documented(): { code: string; meaning: string; repair: string }[] {
  const text = readFileSync(join(packageRoot(), 'docs', 'errors.md'), 'utf8');
  return [...text.matchAll(/^\| `([a-z0-9-]+)` \| (.*?) \| (.*?) \|$/gm)].map(
    ([, code, meaning, repair]) => ({
      code: code ?? '',
      meaning: meaning ?? '',
      repair: repair ?? '',
    }),
  );
}

it('docs/errors.md lists exactly the codes of the source, each with a meaning and a repair', () => {
  const { codes, unknown } = errorCodesInSource();
  expect(unknown, 'places whose code can not be told').toEqual([]);
  const rows = documented();
  const listed = rows.map((r) => r.code);
  const missing = [...codes]
    .filter(([code]) => !listed.includes(code))
    .map(([code, place]) => `${code} (${place})`);
  expect({ missing, gone: listed.filter((c) => !codes.has(c)) }).toEqual({ missing: [], gone: [] });
  expect(new Set(listed).size).toBe(listed.length);
  expect(rows.filter((r) => r.meaning.trim() === '' || r.repair.trim() === '')).toEqual([]);
});

it('finds codes in every form that the source has', () => {
  const source = `
    type WireErrorCode = 'union-a' | 'union-b';
    class Own extends Sgp33Error { constructor(b: string) { super('own-code', b); } }
    class Passed extends Own2 {}
    class Own2 extends Sgp33Error { constructor(code: string) { super(code, ''); } }
    new Sgp33Error('plain', 'x');
    new Passed('of-subclass');
    new Own('no code');
    new Sgp33Error(known?.code ?? 'fallback', 'x');
    const check = (what: string) => { throw new Sgp33Error(\`unknown-\${what}\`, 'x'); };
    check('thing');
    function wrong(code: string): Sgp33Error { return new Sgp33Error(code, 'x'); }
    wrong('given');
    new TypeError('no code of ours');
  `;
  const file = ts.createSourceFile('a.ts', source, ts.ScriptTarget.ES2022, true);
  const { codes, unknown } = codesOf([file]);
  expect([...codes.keys()].sort()).toEqual(
    ['fallback', 'given', 'of-subclass', 'own-code', 'plain', 'union-a', 'union-b', 'unknown-thing'].sort(),
  );
  expect(unknown).toEqual([]);
});

it('reports a code that it can not tell', () => {
  const file = ts.createSourceFile('a.ts', 'new Sgp33Error(anything(), "x");', ts.ScriptTarget.ES2022, true);
  expect(codesOf([file]).unknown).toEqual(['a.ts:1']);
});
