import { expect, it } from 'vitest';
import { JUDGED, NO_PACKAGE, POLL, prepare, told } from './support/eim-sequence.js';
import { answered } from './support/scripted-eim.js';

it('the S_SM-DP+ listens again when the sequence is over', async () => {
  const { driver, run } = prepare(`- S_SM-DP+: silent\n- S_SM-DP+: refusing\n${JUDGED}`, () =>
    answered(NO_PACKAGE),
  );
  expect(told(await run())).toEqual(['PASS']);
  expect(driver.notifications.states).toEqual(['silent', 'refusing', 'listening']);
});

it('a restart closes the connections of the devices first', async () => {
  const { driver, run } = prepare(
    `- operator -> eIM: { restart: {} }\n  eIM -> operator: { accepted: {} }\n${POLL('{ GetEimPackageResponse: { eimPackageError: noEimPackageAvailable } }')}`,
    () => answered(NO_PACKAGE),
  );
  expect(told(await run())).toEqual(['PASS']);
  expect(driver.closed[0]).toBe('all');
});
