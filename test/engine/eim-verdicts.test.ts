import { describe, expect, it } from 'vitest';
import { TransportError } from '../../drivers/contract.js';
import type { ChannelFault, EimObservation } from '../../drivers/eim-contract.js';
import { runSequence } from '../../src/engine/run-sequence.js';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { ASSOCIATED, CASE, files, JUDGED, NO_PACKAGE, POLL, prepare, told } from './support/eim-sequence.js';
import { answered, observed } from './support/scripted-eim.js';
import { mistakes } from './support/suite-files.js';

const fault = (kind: ChannelFault['kind']): EimObservation =>
  observed({ fault: { kind, path: 'tls', expected: 'a session', actual: 'something else' } });

describe('a sequence on an eIM', () => {
  it('PASSes, with a device of its own that the eIM was told of and that is taken away again', async () => {
    const { driver, run } = prepare(JUDGED, () => answered(NO_PACKAGE));
    const { result, timeline } = await run();
    expect(told({ result, timeline })).toEqual(['PASS']);
    const operations = driver.called.map(([operation]) => operation);
    expect(operations).toEqual(['exportEimConfiguration', 'addDevice', 'removeDevice']);
    const [, added] = driver.called[1] ?? [];
    const [eid] = driver.released;
    expect(added).toMatchObject({ eid, counterValue: '1' });
    expect(added?.['associationToken']).toMatch(/^\d+$/);
    // $EID1 is that device.
    expect(Buffer.from(driver.sent[0]?.message ?? []).toString('hex')).toBe(`bf4f125a10${eid}`);
    expect(timeline.map((e) => e.kind)).toContain('esipa-request');
  });

  it('FAILs on another answer, with path and offset', async () => {
    const { run } = prepare(JUDGED, () => answered('BF4F03020102'));
    const { result } = await run();
    expect(result.verdict).toBe('FAIL');
    expect(result.problems[0]).toMatchObject({
      cause: 'wrong-error-code',
      path: 'getEimPackageResponse.eimPackageError',
      expected: 'noEimPackageAvailable(1)',
      offset: 3,
      requirements: ['RQ-ONE'],
    });
  });

  it('names a message of the other SGP.32 version', async () => {
    const { run } = prepare(
      '- S_IPA -> eIM: { GetEimPackageRequest: { eidValue: $EID1 } }\n  eIM -> S_IPA: { ProvideEimPackageResultResponse: { emptyResponse: {} } }\n  rq: [RQ-ONE]',
      () => answered('BF5000'),
    );
    const { result } = await run();
    expect(result.verdict).toBe('FAIL');
    expect(result.notes.map((n) => n.code)).toContain('other-version');
  });

  it.each([
    ['timeout', 'timeout'],
    ['reset', 'missing'],
    ['handshake', 'unexpected'],
    ['certificate', 'wrong-value'],
    ['oversized', 'malformed'],
    ['malformed', 'malformed'],
  ] as const)('FAILs on the fault %s with the cause %s', async (kind, cause) => {
    const { run } = prepare(JUDGED, () => fault(kind));
    expect(told(await run())).toEqual(['FAIL', cause]);
  });

  it('PASSes where the fault is what is expected', async () => {
    const { run } = prepare(POLL('{ fault: handshake, tls: { alert: protocol_version } }'), () => ({
      ...fault('handshake'),
      facts: { tls: { alert: 'protocol_version' } },
    }));
    expect(told(await run())).toEqual(['PASS']);
  });

  it('takes silence for no answer, and an answer not', async () => {
    const silent = prepare(POLL('{ noAnswer: {} }'), () => fault('reset'));
    expect(told(await silent.run())).toEqual(['PASS']);
    const loud = prepare(POLL('{ noAnswer: {} }'), () => answered(NO_PACKAGE));
    expect(told(await loud.run())).toEqual(['FAIL', 'unexpected']);
  });

  it('compares facts of the transport with the same matchers', async () => {
    const facts = { http: { status: '404', headers: { allow: 'POST' } } };
    const good = prepare(
      POLL("{ http: { status: !oneOf ['404', '405'], headers: { allow: POST, server: !absent } } }"),
      () => observed({ facts }),
    );
    expect(told(await good.run())).toEqual(['PASS']);
    const bad = prepare(POLL("{ http: { status: '400' } }"), () => observed({ facts }));
    const { result } = await bad.run();
    expect(result.problems[0]).toMatchObject({ cause: 'wrong-value', path: 'http.status', actual: '404' });
    const none = prepare(POLL("{ http: { status: '400' } }"), () => observed());
    expect(told(await none.run())).toEqual(['FAIL', 'missing']);
  });

  it('FAILs on JSON that is not as the binding says, and only notes a header', async () => {
    const finding = (code: string): EimObservation =>
      answered(NO_PACKAGE, {
        findings: [{ severity: 'violation', code, path: 'x', expected: 'a', actual: 'b' }],
      });
    expect(told(await prepare(JUDGED, () => finding('json-member-missing')).run())).toEqual([
      'FAIL',
      'malformed',
    ]);
    const { result } = await prepare(JUDGED, () => finding('http-content-type')).run();
    expect(result.verdict).toBe('PASS');
    expect(result.notes.map((n) => n.code)).toEqual(['http-content-type']);
  });

  it('is INCONCLUSIVE when the eIM can not be reached, refuses the device, or the target maps too little', async () => {
    const gone = prepare(JUDGED, () => {
      throw new TransportError('unreachable', 'refused');
    });
    expect(told(await gone.run())).toEqual(['INCONCLUSIVE', 'environment']);

    const refusing = prepare(JUDGED);
    refusing.driver.manage = (operation) => ({ accepted: operation !== 'addDevice', facts: {}, events: [] });
    expect(told(await refusing.run())).toEqual(['INCONCLUSIVE', 'initial-condition']);
    expect(refusing.driver.released).toHaveLength(1);

    const unmapped = prepare(
      '- operator -> eIM: { getRAT: {} }\n  eIM -> operator: { accepted: {} }\n  rq: [RQ-ONE]',
    );
    unmapped.driver.manage = (operation) => {
      if (operation === 'getRAT') throw new Sgp33Error('operation-not-mapped', 'no getRAT');
      return { accepted: true, facts: {}, events: [] };
    };
    expect(told(await unmapped.run())).toEqual(['INCONCLUSIVE', 'environment']);
  });

  it('is INCONCLUSIVE (not-restored) when the device can not be taken from the eIM', async () => {
    const { driver, run } = prepare(JUDGED, () => answered(NO_PACKAGE));
    driver.manage = (operation) => ({ accepted: operation !== 'removeDevice', facts: {}, events: [] });
    expect(told(await run())).toEqual(['INCONCLUSIVE', 'not-restored']);
  });

  it('judges orders by whether they are taken, and what the API tells of them', async () => {
    const order = (expected: string): string =>
      `- operator -> eIM: { enable: { iccid: $ICCID1 } }\n  eIM -> operator: ${expected}\n  rq: [RQ-ONE]\n- operator -> eIM: { outcome: {} }\n  eIM -> operator: { accepted: { status: done, results: [{ operation: enable, code: ok }] } }\n  rq: [RQ-TWO]`;
    const { driver, run } = prepare(order('{ accepted: {} }'));
    driver.manage = (operation) => ({
      accepted: true,
      facts:
        operation === 'outcome'
          ? { status: 'done', results: [{ operation: 'enable', code: 'ok' }] }
          : { order: 'o-7' },
      events: [],
    });
    expect(told(await run())).toEqual(['PASS']);
    expect(driver.called.find(([operation]) => operation === 'outcome')?.[1]).toMatchObject({ order: 'o-7' });

    const refused = prepare(order('{ refused: {} }'));
    refused.driver.manage = driver.manage;
    expect(told(await refused.run())).toEqual(['FAIL', 'unexpected']);
  });

  it('is INCONCLUSIVE where it compares a fact that the target does not map', async () => {
    const asks = `- operator -> eIM: { device: {} }\n  eIM -> operator: { accepted: { rPLMN: "62F210" } }\n  rq: [RQ-ONE]`;
    const { driver, run } = prepare(asks);
    driver.management.tells = () => new Set(['associated']);
    const { result } = await run();
    expect(told({ result, timeline: [] })).toEqual(['INCONCLUSIVE', 'environment']);
    expect(result.problems[0]?.message).toContain('does not tell rPLMN');
    driver.management.tells = () => new Set(['associated', 'rPLMN']);
    expect(told(await run())).toEqual(['FAIL', 'missing']);
  });

  it('waits for a notification at the SM-DP+, and FAILs without', async () => {
    const step =
      '- eIM -> S_SM-DP+: { PendingNotification: { otherSignedNotification: !any } , http: { method: POST } }\n  rq: [RQ-ONE]';
    expect(told(await prepare(step).run())).toEqual(['FAIL', 'timeout']);
  });

  it('gives two devices to a sequence that names them, and one to each of those that run at once', async () => {
    const {
      driver,
      session,
      sequence: own,
    } = prepare(
      `${JUDGED}\n- S_IPA2 -> eIM: { GetEimPackageRequest: { eidValue: $EID2 } }\n  eIM -> S_IPA2: { GetEimPackageResponse: { eimPackageError: noEimPackageAvailable } }\n  rq: [RQ-TWO]`,
      () => answered(NO_PACKAGE),
      "initialConditions: [{ eIM: associated }, { eIM: associated, device: '2' }]\n",
    );
    const runs = await Promise.all([1, 2, 3].map(() => runSequence(own, session)));
    expect(runs.map((r) => r.result.verdict)).toEqual(['PASS', 'PASS', 'PASS']);
    expect(driver.most).toBe(6);
    expect(new Set(driver.released).size).toBe(6);
    // Every device speaks for itself.
    for (const { device, message } of driver.sent)
      expect(Buffer.from(message ?? []).toString('hex')).toContain(device);
  });

  it('a condition of the sequence stands in place of that of its case: the eIM is told once', async () => {
    const more = "initialConditions: [{ eIM: associated, counterValue: '7' }]\n";
    const { driver, run } = prepare(JUDGED, () => answered(NO_PACKAGE), more, undefined, ASSOCIATED);
    expect(told(await run())).toEqual(['PASS']);
    const added = driver.called.filter(([operation]) => operation === 'addDevice');
    expect(added.map(([, facts]) => facts['counterValue'])).toEqual(['7']);
  });

  it('ends when it is aborted, and gives the device back', async () => {
    const abort = new AbortController();
    const { driver, run } = prepare(JUDGED, () => {
      abort.abort();
      throw new TransportError('aborted', 'aborted');
    });
    expect((await run(abort.signal)).result.verdict).toBe('NOT_RUN');
    expect(driver.released).toHaveLength(1);
  });
});

describe('mistakes in a sequence for an eIM', () => {
  it.each([
    [
      '- operator -> eIM: { enabel: {} }\n  eIM -> operator: { accepted: {} }\n  rq: [RQ-ONE]',
      'unknown-operation',
    ],
    [
      '- S_IPA -> eUICC: { GetRatRequest: {} }\n  eUICC -> S_IPA: { sw: "9000" }\n  rq: [RQ-ONE]',
      'unknown-role',
    ],
    [POLL('{}'), 'expects-nothing'],
    [POLL('{ GetEimPackageResponse: { eimPackageErr: noEimPackageAvailable } }'), 'unknown-field'],
  ])('%s: %s', (steps, code) => {
    expect(mistakes(files(steps)).codes.map((c) => c.split(' ')[0])).toEqual([code]);
  });

  it('tells the place', () => {
    const { codes } = mistakes(files(JUDGED, 'initialConditions: [{ eIM: asociated }]\n'));
    expect(codes).toEqual([`unknown-condition ${CASE}:11:25`]);
  });
});
