/** A suite of one sequence for an IPAd, on a device that a test writes. */
import { join } from 'node:path';
import type { TriggerEnd } from '../../../drivers/ipad-contract.js';
import { packageRoot } from '../../../src/protocol/package-root.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { IpadSession } from '../../../src/engine/ipad-session.js';
import { loadTarget } from '../../../src/engine/load-target.js';
import { runSequence, type SequenceRun } from '../../../src/engine/run-sequence.js';
import type { Sequence } from '../../../src/engine/suite.js';
import { ScriptedIpad, type ScriptedDevice } from './scripted-ipad.js';
import { sequence, suiteOf, testCase } from './suite-files.js';

const CASE = 'suites/sgp33-2-ipa/case.yaml';
/** GetEimPackage of the default card, and the answer that there is nothing. */
export const GET = 'BF4F125A1089049032123451234512345678901235';
export const NOTHING = 'BF4F03020101';
/** A result error, which has no sequence number, and a Notification inside HandleNotification. */
export const RESULT = 'BF5006A50430020201';
export const POLL = '- operator -> IPAd: { poll: {} }\n';
export const WAIT = (expected: string, reply = ''): string =>
  `- IPAd -> S_eIM: ${expected}${reply === '' ? '' : `\n  S_eIM -> IPAd: ${reply}`}\n  rq: [RQ-ONE]\n`;
export const GOT = WAIT('{ GetEimPackageRequest: { eidValue: $EID1 } }');
const ASSOCIATED = 'initialConditions: [{ S_eIM: associated }]\n';

export const files = (steps: string, more = ASSOCIATED): Record<string, string> => ({
  [CASE]: testCase(sequence(steps, more)).replace('TC_eUICC_Test', 'TC_IPAd_Test'),
  'fixtures/constants/d.yaml': 'EID1: "00"\n',
});

type Act = (device: ScriptedDevice) => Promise<unknown>;

export async function play(
  steps: string,
  act: Act,
  change: (driver: ScriptedIpad) => void = () => undefined,
  more?: string,
): Promise<{ run: SequenceRun; driver: ScriptedIpad }> {
  const suite = suiteOf(files(steps, more));
  const driver = new ScriptedIpad(400, 20);
  driver.act = async (device) => (await act(device)) as TriggerEnd | undefined;
  change(driver);
  const target = {
    ...loadTarget(packageRoot(), join(packageRoot(), 'config/targets/builtin-eim.yaml')),
    constants: new Map(),
  };
  const session = new IpadSession({ suite, target, driver, pki: loadPkiFolder() });
  const own = suite.testCases[0]?.sequences[0] as Sequence;
  return { run: await runSequence(own, session), driver };
}

export const told = ({ result }: SequenceRun): string[] => [
  result.verdict,
  ...result.problems.map((p) => p.cause),
];
