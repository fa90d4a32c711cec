/** The table of README.md that says what the suite covers, between two comments. */
import { allSequences, type Suite } from '../../src/engine/suite.js';
import { markdownTable } from './markdown.js';

const BEGIN = '<!-- coverage: made by `npm run docs` -->';
const END = '<!-- /coverage -->';

/** The README with its table as it should be. @throws {Error} when the comments are not there. */
export function readmeWithCoverage(readme: string, suite: Suite): string {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`README.md needs the lines ${BEGIN} and ${END}`);
  return `${readme.slice(0, from + BEGIN.length)}\n\n${coverageTable(suite)}\n\n${readme.slice(to)}`;
}

function coverageTable(suite: Suite): string {
  const groups = new Map<string, { cases: number; sequences: number; requirements: Set<string> }>();
  for (const testCase of suite.testCases) {
    const [, part = '', folder = ''] = testCase.place.file.split('/');
    const name = `${part} / ${folder}`;
    const group = groups.get(name) ?? { cases: 0, sequences: 0, requirements: new Set<string>() };
    group.cases += 1;
    group.sequences += testCase.sequences.length;
    for (const sequence of testCase.sequences)
      for (const id of sequence.requirements) group.requirements.add(id);
    groups.set(name, group);
  }
  const rows = [...groups]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([name, g]) => [name, String(g.cases), String(g.sequences), String(g.requirements.size)]);
  const used = new Set(allSequences(suite).flatMap((s) => s.requirements)).size;
  const total = ['all', String(suite.testCases.length), String(allSequences(suite).length), String(used)];
  return markdownTable(['group', 'test cases', 'sequences', 'requirements'], [...rows, total]);
}
