/** The project's own suite, and sessions with the built-in eUICC or any card transport. */
import { join } from 'node:path';
import type { CardTransport, EuiccDriver } from '../../../drivers/contract.js';
import { createEuiccDriver } from '../../../drivers/euicc-session.js';
import { inProcessTransport } from '../../../drivers/in-process.js';
import { loadSuite } from '../../../src/engine/load-suite.js';
import { loadTarget, type Target } from '../../../src/engine/load-target.js';
import { plan, type Planned } from '../../../src/engine/plan.js';
import { Session } from '../../../src/engine/session.js';
import { allSequences, type Sequence, type Suite } from '../../../src/engine/suite.js';
import { packageRoot } from '../../../src/protocol/package-root.js';
import { loadPkiFolder, type PkiFolder } from '../../../src/protocol/pki/folder.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';

export const root = packageRoot();
let loaded: Suite | undefined;
let pki: PkiFolder | undefined;

/** Loaded once a test file. */
export const ownSuite = (): Suite => (loaded ??= loadSuite({ root }));
export const testPki = (): PkiFolder => (pki ??= loadPkiFolder());
export const builtInTarget = (): Target => loadTarget(root, join(root, 'config/targets/builtin-euicc.yaml'));

export function builtInDriver(defects: readonly string[] = []): EuiccDriver {
  const card = createEuicc({ defects });
  return createEuiccDriver(inProcessTransport(card), {
    personaliser: {
      personalise: async ({ action, parameters }) => card.applyPersonalisation(action, parameters),
    },
  });
}

export const sessionWith = (
  driver: EuiccDriver,
  suite: Suite = ownSuite(),
  target = builtInTarget(),
): Session => new Session({ suite, target, driver, pki: testPki() });

export const sessionOver = (transport: CardTransport): Session =>
  sessionWith(createEuiccDriver(transport, { reconnectDeadlineMs: 0 }));

export const planAll = (): Planned[] => plan(ownSuite(), allSequences(ownSuite()), builtInTarget());

/** The sequences that apply to the built-in eUICC. */
export const applicable = (): Sequence[] =>
  planAll().flatMap((p) => (p.decision.kind === 'run' ? [p.sequence] : []));
