/** docs/requirements.md: every requirement, by clause, with the sequences that can FAIL by it. */
import { allSequences, type Requirement, type Suite } from '../../src/engine/suite.js';
import { byClause, markdownTable, sequenceList } from './markdown.js';

export function requirementsPage(suite: Suite): string {
  const users = new Map<string, string[]>();
  for (const sequence of allSequences(suite))
    for (const id of sequence.requirements) users.set(id, [...(users.get(id) ?? []), sequence.id]);
  const clauses = new Map<string, Requirement[]>();
  for (const requirement of suite.requirements.values())
    clauses.set(requirement.clause, [...(clauses.get(requirement.clause) ?? []), requirement]);
  const all = [...suite.requirements.values()];
  const tested = all.filter((r) => users.has(r.id)).length;
  const sections = [...clauses]
    .sort(([a], [b]) => byClause(a, b))
    .map(([clause, requirements]) => {
      const rows = requirements.map((r) => [
        `\`${r.id}\``,
        r.text,
        r.versions.join(', '),
        usedBy(r, users.get(r.id) ?? []),
      ]);
      return `## ${clause}\n\n${markdownTable(['id', 'requirement', 'versions', 'sequences'], rows)}\n`;
    });
  return `# Requirements

<!-- Made by \`npm run docs\` from suites/requirements and suites/sgp33-*. Do not edit. -->

What the suite holds an implementation to: ${all.length} requirements of ${clauses.size} clauses, ${tested} of them
used by a sequence. The text is this project's wording; the clause is where to read the original. A step of a
sequence can FAIL only by a requirement that it names.

${sections.join('\n')}
Next: [readings of ambiguous clauses](interpretations.md), [what is not tested](not-testable.md).
`;
}

function usedBy(requirement: Requirement, ids: readonly string[]): string {
  if (ids.length > 0) return sequenceList(ids);
  return requirement.testable ? 'none yet' : 'not testable from outside';
}
