/**
 * The suite as it runs on a card in a plain reader: no fresh card between sequences, so that ES10 functions and
 * packages alone must give the state back, and a reset where a device would act on REFRESH.
 */
import { expect, it } from 'vitest';
import { createEuiccDriver } from '../../drivers/euicc-session.js';
import { inProcessTransport } from '../../drivers/in-process.js';
import { createEuicc } from '../../src/simulators/euicc/index.js';
import { runSuite } from '../support/suite-run.js';

it('passes, and every sequence gives back what it found', { timeout: 60_000 }, async () => {
  const card = createEuicc();
  const personaliser = {
    personalise: async (r: { action: string; parameters: Readonly<Record<string, unknown>> }): Promise<void> =>
      card.applyPersonalisation(r.action, r.parameters),
  };
  const driver = createEuiccDriver(inProcessTransport(card), { personaliser });
  const store = await runSuite(driver, [], { freshCard: false, resetAfterSwitch: true });
  const results = store.results();
  expect(results.filter((r) => r.verdict !== 'PASS').map((r) => `${r.id} ${r.verdict} ${r.problems[0]?.message ?? ''}`)).toEqual([]);
  expect(results.length).toBeGreaterThan(90);
  // The start-up is on the timeline too: TERMINAL CAPABILITY first.
  const first = store.timeline(results[0]?.id ?? '').filter((e) => e.kind === 'c-apdu');
  expect(first[0]?.hex).toMatch(/^80AA0000/);
  expect(results.some((r) => r.steps.some((s) => s.title.startsWith('Reset, as a device')))).toBe(true);
});

it('passes without a personaliser, or says INCONCLUSIVE where it needs one', { timeout: 60_000 }, async () => {
  const driver = createEuiccDriver(inProcessTransport(createEuicc()));
  const results = (await runSuite(driver, [], { freshCard: false, resetAfterSwitch: true })).results();
  expect(results.filter((r) => r.verdict !== 'PASS' && r.verdict !== 'INCONCLUSIVE').map((r) => r.id)).toEqual([]);
  expect(results.filter((r) => r.verdict === 'PASS').length).toBeGreaterThan(50);
});
