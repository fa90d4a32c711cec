/** docs/interpretations.md: every reading of an ambiguous clause, with the sequences that may rely on it. */
import { allSequences, type Suite } from '../../src/engine/suite.js';
import { byClause, sequenceList } from './markdown.js';

const POLICIES = {
  strict: 'strict: only the reading passes.',
  lenient: 'lenient: an alternative passes too, and the result names this entry.',
  either: 'either: all are equally good, and the result names this entry.',
} as const;

export function interpretationsPage(suite: Suite): string {
  const all = [...suite.interpretations.values()].sort(
    (a, b) => byClause(a.clause, b.clause) || byClause(a.id, b.id),
  );
  const sections = all.map((one) => {
    const users = allSequences(suite).filter((sequence) => mentions(sequence.steps, one.id));
    const procedures = [...suite.definitions.values()].filter((d) => mentions([d.value, d.steps], one.id));
    const where = [
      ...(users.length === 0 ? [] : [sequenceList(users.map((s) => s.id))]),
      ...procedures.map((d) => `\`${d.name}\``),
    ];
    return [
      `## ${one.id}`,
      '',
      `- Clause: ${one.clause}`,
      `- Ambiguity: ${flat(one.ambiguity)}`,
      `- Reading: ${flat(one.reading)}`,
      ...(one.alternatives.length === 0 ? [] : [`- Alternatives: ${one.alternatives.map(flat).join(' / ')}`]),
      `- Policy: ${POLICIES[one.policy]}`,
      `- Settled by SGP.33: ${flat(one.settledBySGP33)}`,
      `- Used by: ${where.length === 0 ? 'the choice of expected values; no step names it' : where.join('; ')}`,
      '',
    ].join('\n');
  });
  return `# Interpretations

<!-- Made by \`npm run docs\` from suites/interpretations. Do not edit. -->

Clauses that can be read in more than one way, and how this suite reads them: ${all.length} entries. The result of a
sequence names those that its verdict relied on, and a run lists them at its end. A target may set another policy:

\`\`\`yaml
interpretations:
  ${all[0]?.id ?? 'INT-X'}: strict
\`\`\`

${sections.join('\n')}
Next: [how a verdict is made](verdicts.md), [requirements](requirements.md).
`;
}

const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** True when the parsed YAML has a key `interpretation` of that value anywhere in it. */
function mentions(value: unknown, id: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if ('key' in value && value.key === 'interpretation' && 'value' in value) {
    const named = value.value;
    if (typeof named === 'object' && named !== null && 'text' in named && named.text === id) return true;
  }
  return Object.values(value).some((inner) => mentions(inner, id));
}
