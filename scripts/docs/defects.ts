/** docs/built-in-defects.md: every seeded defect, with the sequences that name it. */
import { allSequences, type Suite } from '../../src/engine/suite.js';
import { EIM_DEFECTS } from '../../src/simulators/eim/index.js';
import { SERVE_DEFECTS } from '../../src/simulators/eim/serve/index.js';
import { DEFECTS } from '../../src/simulators/euicc/index.js';
import { IPAD_DEFECTS } from '../../src/simulators/ipad/index.js';
import { markdownTable, sequenceList } from './markdown.js';

interface Listed {
  readonly name: string;
  readonly clause: string;
  readonly what: string;
}

export function defectsPage(suite: Suite): string {
  const table = (defects: readonly Listed[], iut: string): string => {
    const killers = new Map<string, string[]>();
    for (const sequence of allSequences(suite))
      if (sequence.testCase.iut === iut)
        for (const name of sequence.kills.keys())
          killers.set(name, [...(killers.get(name) ?? []), sequence.id]);
    const rows = defects.map((defect) => [
      `\`${defect.name}\``,
      defect.clause,
      defect.what,
      killers.has(defect.name) ? sequenceList(killers.get(defect.name) ?? []) : 'none',
    ]);
    return markdownTable(['name', 'clause', 'what goes wrong', 'sequences that FAIL on it'], rows);
  };
  const eim: readonly Listed[] = [...EIM_DEFECTS, ...SERVE_DEFECTS];
  return `# Seeded defects of the built-in IUTs

<!-- Made by \`npm run docs\` from the defect lists of src/simulators and the \`kills\` of the sequences. Do not edit. -->

Each is a mistake that an implementer could make, at one place of a simulator. It knows no sequence. Use one to see how
a FAIL looks:

\`\`\`sh
npx sgp33 run --defect ${DEFECTS[0]?.name ?? ''}
npx sgp33 run --target builtin-eim --defect ${EIM_DEFECTS[0]?.name ?? ''}
\`\`\`

\`npm run teeth\` fails unless exactly the sequences that name a defect FAIL on it, see [teeth](teeth.md). "none" in the
last column: no sequence of today's suites FAILs on it.

## The eUICC

There are ${DEFECTS.length}, at places of S_eUICC.

${table(DEFECTS, 'eUICC')}

## The eIM

There are ${eim.length}, at places of S_eIM: in its core, and in its listeners.

${table(eim, 'eIM')}

## The IPAd

There are ${IPAD_DEFECTS.length}, at places of the built-in IPAd: in its IPA, at its eUICC, and in its network.

${table(IPAD_DEFECTS, 'IPAd')}

Next: [S_eUICC](simulator-euicc.md), [S_eIM](simulator-eim.md),
[the built-in IPAd](simulator-ipad.md), [writing test cases](writing-test-cases.md).
`;
}
