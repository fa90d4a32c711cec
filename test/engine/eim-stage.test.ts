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

const OVER_HTTPS = `- S_IPA -> eIM: { GetEimPackageRequest: { eidValue: $EID1 }, over: https }
  eIM -> S_IPA: { GetEimPackageResponse: { eimPackageError: noEimPackageAvailable } }
  rq: [RQ-ONE]`;

it('a step over HTTPS beside CoAP goes to that channel, whose connections are closed as well', async () => {
  const { driver, run } = prepare(`${JUDGED}\n${OVER_HTTPS}`, () => answered(NO_PACKAGE));
  const sent: unknown[] = [];
  const closed: (string | undefined)[] = [];
  driver.esipaOverHttps = {
    ...driver.esipa,
    exchange: async (request) => {
      sent.push(request.over);
      return answered(NO_PACKAGE);
    },
    close: async (device) => void closed.push(device),
  };
  expect(told(await run())).toEqual(['PASS']);
  expect(driver.sent).toHaveLength(1);
  expect(sent).toEqual(['https']);
  expect(closed).toEqual(driver.released);
});

it('without such a channel it is a mistake of the target', async () => {
  const { run } = prepare(OVER_HTTPS, () => answered(NO_PACKAGE));
  const { result } = await run();
  expect(told({ result, timeline: [] })[0]).not.toBe('PASS');
  expect(result.problems[0]?.message).toContain('over HTTPS');
});
