/** Suites made of a few lines of YAML, read from a temporary folder as a user's would be. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Sgp33Error } from '../../../src/protocol/errors.js';
import { loadSuite } from '../../../src/engine/load-suite.js';
import { SuiteErrors } from '../../../src/engine/suite-errors.js';
import type { Sequence, Suite } from '../../../src/engine/suite.js';

const BASE: Readonly<Record<string, string>> = {
  'suites/options/o.yaml':
    'options: { O_ONE: first option., O_TWO: second option. }\nconditions: { C1: O_ONE and not O_TWO }\n',
  'suites/requirements/r.yaml':
    '- { id: RQ-ONE, clause: SGP.32 5.9.1, text: It answers. }\n- { id: RQ-TWO, clause: SGP.32 5.9.12, text: It tells. }\n',
  'suites/interpretations/i.yaml':
    '- { id: INT-ONE, clause: SGP.32 5.9, ambiguity: What., reading: That., policy: either, settledBySGP33: unknown }\n',
  'fixtures/eims.yaml': '- { eimId: testeim1, key: SK_S_EIMsign_ECDSA_NIST }\n',
  'fixtures/constants/c.yaml':
    'ICCID1: !iccid "8949449999999990015"\nEIM_ID1: testeim1\nADDRESS: a.example.com\n',
};

/** One test case with the given sequences (each a block of lines at the left margin). */
export const testCase = (sequences: string, head = ''): string =>
  `id: TC_eUICC_Test
title: A test case
basis: { spec: SGP.33-1, section: '1', version: '1.2' }
interface: ES10b
function: Test
provenance: derived
applies: M
${head}sequences:
${sequences.replace(/^/gm, '  ')}
`;

/** One sequence with the given steps. */
export const sequence = (steps: string, more = ''): string =>
  `- nr: '01'
  title: A sequence
${more.replace(/^(?=.)/gm, '  ')}  kills: [some-defect]
  steps:
${steps.replace(/^/gm, '    ')}`;

export const GOOD_STEP = `- S_IPA -> eUICC: { GetEuiccInfo1Request: {} }
  eUICC -> S_IPA: { EUICCInfo1: { svn: !bytes 3 } }
  rq: [RQ-ONE]`;

export const CASE = 'suites/sgp33-1-euicc/case.yaml';
export const DEFINITIONS = 'suites/procedures/p.yaml';

export function folderOf(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'sgp33-suite-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ ...BASE, ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** @throws what `loadSuite` throws. */
export const suiteOf = (files: Readonly<Record<string, string>>): Suite =>
  loadSuite({ root: folderOf(files) });

/** A suite of one sequence with these steps. */
export function oneSequence(
  steps: string,
  definitions = '',
  more = '',
): { suite: Suite; sequence: Sequence } {
  const suite = suiteOf({
    [CASE]: testCase(sequence(steps, more)),
    ...(definitions === '' ? {} : { [DEFINITIONS]: definitions }),
  });
  return { suite, sequence: suite.testCases[0]?.sequences[0] as Sequence };
}

/** The mistakes that loading finds: `code place`, and the message of each. */
export function mistakes(files: Readonly<Record<string, string>>): { codes: string[]; text: string } {
  try {
    suiteOf(files);
  } catch (error) {
    if (error instanceof SuiteErrors)
      return {
        codes: error.errors.map((e) => `${e.code} ${e.place ?? ''}`),
        text: error.errors.map((e) => e.message).join('\n'),
      };
    throw error;
  }
  return { codes: [], text: '' };
}

/** The error that `work` throws, which must be ours. */
export function errorOf(work: () => unknown): Sgp33Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Sgp33Error) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
