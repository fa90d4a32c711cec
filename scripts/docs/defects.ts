/** docs/built-in-defects.md: every seeded defect, with the sequences that name it. */
import { allSequences, type Suite } from '../../src/engine/suite.js';
import { DEFECTS } from '../../src/simulators/euicc/index.js';
import { markdownTable, sequenceList } from './markdown.js';

export function defectsPage(suite: Suite): string {
  const killers = new Map<string, string[]>();
  for (const sequence of allSequences(suite))
    for (const name of sequence.kills.keys()) killers.set(name, [...(killers.get(name) ?? []), sequence.id]);
  const rows = DEFECTS.map((defect) => [
    `\`${defect.name}\``,
    defect.clause,
    defect.what,
    killers.has(defect.name) ? sequenceList(killers.get(defect.name) ?? []) : 'none',
  ]);
  return `# Seeded defects of the built-in eUICC

<!-- Made by \`npm run docs\` from src/simulators/euicc/defect-list.ts and the \`kills\` of the sequences. Do not edit. -->

Each is a mistake that an implementer could make, at one place of S_eUICC. It knows no sequence. There are
${DEFECTS.length}. Use one to see how a FAIL looks:

\`\`\`sh
npx sgp33 run --defect ${DEFECTS[0]?.name ?? ''}
\`\`\`

\`npm run teeth\` runs the suite on each defect that a sequence names, and fails unless exactly the sequences that name
it FAIL on it. "none" in the last column: no sequence of today's suite reaches that place yet.

${markdownTable(['name', 'clause', 'what goes wrong', 'sequences that FAIL on it'], rows)}

Next: [S_eUICC](simulator-euicc.md), [writing test cases](writing-test-cases.md).
`;
}
