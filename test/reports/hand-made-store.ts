/** A run store made by hand: every verdict, ids that URLs and shells trip over, and strings made to break reports. */
import { join } from 'node:path';
import type { Problem, RunInfo, SequenceResult, StepResult, TimelineEvent } from '../../src/engine/result.js';
import { RunStore } from '../../src/engine/run-store.js';
import { temporaryFolder } from './temporary.js';

export const place = { file: 'suites/sgp33-1-euicc/load-euicc-package.yaml', line: 21, column: 7 };
export const HOSTILE =
  '<script>window.pwned=1</script> ]]> \u0000\u001b[31m </td>|![x](http://tracker.invalid/a.png) "\' \ud800 \u202e & <img src=http://tracker.invalid/b onerror=window.pwned=1>';

export const run: RunInfo = {
  id: '2026-11-22T19-02-11',
  tool: { name: 'sgp33', version: '0.1.0' },
  target: {
    name: 'builtin-euicc',
    iut: 'eUICC',
    driver: 'in-process',
    file: 'config/targets/builtin-euicc.yaml',
    sgp32Version: '1.2',
    sgp22Version: '2.5',
  },
  identity: {
    eid: '89049032123451234512345678901235',
    ATR: '3B9F96801FC78031E073FE211B63E208A8830F900089',
    reader: `Virtual ${HOSTILE}`,
    'API-Key': 'hunter2-hunter2-hunter2',
  },
  options: { O_E_FALLBACK: true, P_E_IPAE: false },
  defects: [],
  allow: ['profiles'],
  startedAt: '2026-11-22T19:02:11.000Z',
};

export const problem = (values: Partial<Problem> = {}): Problem => ({
  cause: 'wrong-error-code',
  message: 'the eUICC reported another error',
  path: 'euiccPackageErrorUnsigned.associationToken',
  tag: '[4] INTEGER',
  expected: '> 4   (bound to <TOKEN> in step 1)',
  actual: '4',
  offset: 2,
  requirements: ['SGP32-5.9.1-verify-signature'],
  clauses: ['SGP.32 5.9.1'],
  place,
  ...values,
});

export const step = (values: Partial<StepResult> = {}): StepResult => ({
  number: 1,
  phase: 'test',
  title: 'send the package',
  direction: 'S_IPA -> eUICC',
  verdict: 'PASS',
  requirements: ['SGP32-5.9.1-verify-signature'],
  place,
  at: 12,
  durationMs: 5,
  request: { type: 'EuiccPackageRequest', hex: 'BF5100', tree: 'euiccPackageRequest [81] SEQUENCE' },
  answer: { type: 'EuiccPackageResult', hex: 'BF51038401049000', tree: 'associationToken [4] 4', sw: '9000' },
  expected: 'euiccPackageErrorUnsigned:\n  associationToken: > 4',
  actual: 'euiccPackageErrorUnsigned:\n  associationToken: 4',
  problems: [],
  notes: [],
  events: [0, 2],
  ...values,
});

export const sequence = (values: Partial<SequenceResult> = {}): SequenceResult => ({
  id: 'TC_eUICC_ES10b.LoadEuiccPackage#01',
  testCase: 'TC_eUICC_ES10b.LoadEuiccPackage',
  nr: '01',
  title: 'Enable a profile',
  testCaseTitle: 'ES10b.LoadEuiccPackage',
  basis: { spec: 'SGP.33-1', section: '4.2.1', version: '1.2' },
  iut: 'eUICC',
  interface: 'ES10b',
  function: 'LoadEuiccPackage',
  provenance: 'derived',
  requirements: ['SGP32-5.9.1-verify-signature'],
  clauses: ['SGP.32 5.9.1'],
  kills: ['skip-eim-signature-check'],
  target: 'builtin-euicc',
  verdict: 'PASS',
  problems: [],
  notes: [],
  interpretations: [],
  steps: [step()],
  startedAt: '2026-11-22T19:02:12.000Z',
  durationMs: 42,
  place,
  ...values,
});

export const timeline: TimelineEvent[] = [
  { at: 12.1, kind: 'c-apdu', hex: '81E2910003BF5100' },
  { at: 12.9, kind: 'r-apdu', hex: 'BF51038401049000' },
];

const failed = problem();
const hostile = problem({
  cause: 'malformed',
  message: HOSTILE,
  path: HOSTILE,
  expected: HOSTILE,
  actual: HOSTILE,
});
const environment = problem({ cause: 'environment', message: 'the card was pulled', requirements: [] });
const tool = problem({ cause: 'tool', message: 'a defect of the tool', clauses: [] });

export const FAILED_ID = "TC_eUICC_ES10b.LoadEuiccPackage_Error'Cases+#02";

export const sequences: readonly SequenceResult[] = [
  sequence({
    steps: [
      step({ phase: 'initial', title: 'bring to the initial condition' }),
      step(),
      step({ number: 2, title: 'read back', request: { hex: 'BF2D00' } }),
      step({ phase: 'restore', title: 'restore', events: [0, 0] }),
    ],
    notes: [
      { code: 'unknown-extension', text: 'an unknown field', path: 'x.y', offset: 4, interpretation: 'I-7' },
    ],
    interpretations: ['I-7'],
  }),
  sequence({
    id: FAILED_ID,
    nr: '02',
    title: 'Invalid eimSignature',
    verdict: 'FAIL',
    problems: [failed],
    steps: [step(), step({ number: 2, verdict: 'FAIL', problems: [failed] })],
  }),
  sequence({
    id: 'TC_eUICC_Hostile#03',
    testCase: 'TC_eUICC_Hostile',
    title: HOSTILE,
    testCaseTitle: HOSTILE,
    verdict: 'FAIL',
    problems: [hostile, failed],
    steps: [
      step({
        title: HOSTILE,
        verdict: 'FAIL',
        problems: [hostile, failed],
        expected: HOSTILE,
        actual: HOSTILE,
        request: { type: HOSTILE, hex: 'AB'.repeat(300_000), tree: HOSTILE },
        answer: { hex: HOSTILE, tree: HOSTILE, sw: HOSTILE },
        notes: [{ code: HOSTILE, text: HOSTILE }],
        events: [-5, 1_000_000],
      }),
    ],
  }),
  sequence({
    id: 'TC_eUICC_Pulled#04',
    verdict: 'INCONCLUSIVE',
    problems: [environment],
    steps: [step({ phase: 'initial', verdict: 'INCONCLUSIVE', problems: [environment] })],
  }),
  sequence({
    id: 'TC_eUICC_NoFallback#05',
    verdict: 'NOT_APPLICABLE',
    reason: 'C_FALLBACK is false: O_E_FALLBACK is not declared as supported',
    steps: [],
  }),
  sequence({ id: 'TC_eUICC_Broken#06', verdict: 'ERROR', problems: [tool], steps: [] }),
  sequence({ id: 'TC_eUICC_Refused#07', verdict: 'NOT_RUN', reason: 'needs allow: memory-reset', steps: [] }),
];

/** A new store that lasts as long as the tests of the file. */
export function handMadeStore(): RunStore {
  const store = RunStore.create(join(temporaryFolder(), run.id), run);
  for (const result of sequences) store.append(result, timeline);
  return store;
}
