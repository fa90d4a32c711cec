/** The suite through the real pcscd and the virtual reader says what it says in the process, for T=0 and for T=1. */
import { beforeAll, expect, it } from 'vitest';
import { createEuiccDriver } from '../../drivers/euicc-session.js';
import { inProcessTransport } from '../../drivers/in-process.js';
import { openPcsc } from '../../drivers/pcsc/open-pcsc.js';
import type { EuiccDriver } from '../../drivers/contract.js';
import type { RunStore } from '../../src/engine/run-store.js';
import { createEuicc, type SEuicc } from '../../src/simulators/euicc/index.js';
import { attachToVpcd, type VpcdAttachment } from '../../src/simulators/vpcd-client.js';
import { describePcscd, type PcscdHandle } from '../support/pcscd.js';
import { runSuite } from '../support/suite-run.js';

const DEFECT = 'skip-eim-signature-check';

const personaliser = (card: SEuicc): { personalise: (r: { action: string; parameters: Readonly<Record<string, unknown>> }) => Promise<void> } => ({
  personalise: async ({ action, parameters }) => card.applyPersonalisation(action, parameters),
});

const verdicts = (store: RunStore): Record<string, string> =>
  Object.fromEntries(store.results().map((r) => [r.id, `${r.verdict} ${r.problems[0]?.cause ?? ''} ${r.problems[0]?.path ?? ''}`.trim()]));

async function inProcess(defects: readonly string[]): Promise<Record<string, string>> {
  const card = createEuicc({ defects });
  return verdicts(await runSuite(createEuiccDriver(inProcessTransport(card), { personaliser: personaliser(card) })));
}

async function overVpcd(handle: PcscdHandle, protocol: 'T=0' | 'T=1', defects: readonly string[]): Promise<Record<string, string>> {
  const card = createEuicc({ protocol, defects });
  const attachment: VpcdAttachment = await attachToVpcd(card, { port: handle.port });
  try {
    await handle.waitFor((r) => r.present);
    const driver: EuiccDriver = createEuiccDriver((_, signal) => openPcsc({ reader: handle.reader, deadlineMs: 10_000 }, signal), { personaliser: personaliser(card) });
    return verdicts(await runSuite(driver));
  } finally {
    attachment.detach();
    await handle.waitFor((r) => !r.present);
  }
}

describePcscd('the eUICC suite over PC/SC', (pcscd) => {
  let expected: Record<string, string>;
  let expectedWithDefect: Record<string, string>;
  beforeAll(async () => {
    expected = await inProcess([]);
    expectedWithDefect = await inProcess([DEFECT]);
  }, 120_000);

  it('passes in the process, and fails with a seeded defect', () => {
    expect(new Set(Object.values(expected))).toEqual(new Set(['PASS']));
    expect(Object.values(expectedWithDefect).some((v) => v.startsWith('FAIL'))).toBe(true);
  });

  it.each(['T=0', 'T=1'] as const)('gives the same verdicts with %s', { timeout: 240_000 }, async (protocol) => {
    expect(await overVpcd(pcscd(), protocol, [])).toEqual(expected);
  });

  it('gives the same verdicts, causes and paths with a seeded defect', { timeout: 240_000 }, async () => {
    expect(await overVpcd(pcscd(), 'T=0', [DEFECT])).toEqual(expectedWithDefect);
  });
});
