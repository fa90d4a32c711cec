import { expect, it } from 'vitest';
import { generatedPages, outOfDate } from '../../scripts/make-docs.js';
import { cell, sequenceList } from '../../scripts/docs/markdown.js';
import { packageRoot } from '../../src/protocol/package-root.js';

it('has the pages that are data up to date (npm run docs)', () => {
  expect(outOfDate(packageRoot(), generatedPages(packageRoot()))).toEqual([]);
});

it('tells a page that is not', () => {
  expect(outOfDate(packageRoot(), new Map([['docs/none.md', '']]))).toEqual(['docs/none.md']);
  expect(outOfDate(packageRoot(), new Map([['docs/interpretations.md', 'another text']]))).toEqual([
    'docs/interpretations.md',
  ]);
});

it('lists the sequences of a test case once', () => {
  expect(sequenceList(['TC_b#02', 'TC_a#01', 'TC_b#01', 'TC_b#02'])).toBe('TC_a#01; TC_b#01, #02');
});

it('keeps a cell in its column', () => {
  expect(cell('a | b\n  c')).toBe('a \\| b c');
});
