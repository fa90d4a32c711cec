/** A suite of one sequence for an eIM, on an eIM whose answers a test writes. */
import { join } from 'node:path';
import { EimSession } from '../../../src/engine/eim-session.js';
import { loadTarget } from '../../../src/engine/load-target.js';
import { runSequence, type SequenceRun } from '../../../src/engine/run-sequence.js';
import type { Sequence } from '../../../src/engine/suite.js';
import { packageRoot } from '../../../src/protocol/package-root.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { ScriptedEim } from './scripted-eim.js';
import { sequence, suiteOf, testCase } from './suite-files.js';

export const CASE = 'suites/sgp33-3-eim/case.yaml';
export const NO_PACKAGE = 'BF4F03020101';
export const POLL = (expected: string, rq = '\n  rq: [RQ-ONE]'): string =>
  `- S_IPA -> eIM: { GetEimPackageRequest: { eidValue: $EID1 } }\n  eIM -> S_IPA: ${expected}${rq}`;
export const JUDGED = POLL('{ GetEimPackageResponse: { eimPackageError: noEimPackageAvailable } }');
export const ASSOCIATED = 'initialConditions: [{ eIM: associated }]\n';

export const files = (steps: string, more = ASSOCIATED, head = ''): Record<string, string> => ({
  [CASE]: testCase(sequence(steps, more), head).replace('TC_eUICC_Test', 'TC_eIM_Test'),
  'fixtures/constants/d.yaml': 'EID1: "00"\nEID2: "00"\n',
});

export interface Prepared {
  readonly driver: ScriptedEim;
  readonly sequence: Sequence;
  readonly session: EimSession;
  readonly run: (signal?: AbortSignal) => Promise<SequenceRun>;
}

export function prepare(
  steps: string,
  answer?: ScriptedEim['answer'],
  more?: string,
  driver = new ScriptedEim(),
  head = '',
): Prepared {
  const suite = suiteOf(files(steps, more, head));
  if (answer !== undefined) driver.answer = answer;
  const target = {
    ...loadTarget(packageRoot(), join(packageRoot(), 'config/targets/builtin-eim.yaml')),
    constants: new Map(),
  };
  const session = new EimSession({ suite, target, driver, pki: loadPkiFolder() });
  const own = suite.testCases[0]?.sequences[0] as Sequence;
  return { driver, sequence: own, session, run: (signal) => runSequence(own, session, signal) };
}

/** The verdict, then the causes. */
export const told = ({ result }: SequenceRun): string[] => [
  result.verdict,
  ...result.problems.map((p) => p.cause),
];
