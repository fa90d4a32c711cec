/** Runs the eUICC suite on a driver into a run store, without the command line around it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EuiccDriver } from '../../drivers/contract.js';
import { loadSuite } from '../../src/engine/load-suite.js';
import { loadTarget, type Target } from '../../src/engine/load-target.js';
import { plan, select } from '../../src/engine/plan.js';
import { RunStore } from '../../src/engine/run-store.js';
import { runSequence } from '../../src/engine/run-sequence.js';
import { Session } from '../../src/engine/session.js';
import { packageRoot } from '../../src/protocol/package-root.js';
import { loadPkiFolder } from '../../src/protocol/pki/folder.js';

export const BUILT_IN_TARGET = 'config/targets/builtin-euicc.yaml';

/** The whole suite, or what the globs select, as the built-in target says; the store lies in a temporary folder. */
export async function runSuite(
  driver: EuiccDriver,
  ids: readonly string[] = [],
  otherwise: Partial<Target> = {},
): Promise<RunStore> {
  const root = packageRoot();
  const suite = loadSuite({ root });
  const target: Target = { ...loadTarget(root, join(root, BUILT_IN_TARGET)), ...otherwise };
  const session = new Session({ suite, target, driver, pki: loadPkiFolder() });
  const store = RunStore.create(mkdtempSync(join(tmpdir(), 'sgp33-run-')), {
    id: 'test',
    tool: { name: 'sgp33', version: '0' },
    target: {
      name: target.name,
      iut: target.iut,
      driver: driver.identity.transport,
      file: target.file,
      sgp32Version: target.sgp32Version,
      sgp22Version: target.sgp22Version,
    },
    identity: {},
    options: Object.fromEntries(target.options),
    defects: [],
    allow: target.allow,
    startedAt: new Date().toISOString(),
  });
  for (const { sequence, decision } of plan(suite, select(suite, { ids }), target)) {
    if (decision.kind !== 'run') continue;
    const { result, timeline } = await runSequence(sequence, session);
    store.append(result, timeline);
  }
  await driver.close();
  return store;
}
