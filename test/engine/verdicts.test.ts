import { afterEach, describe, expect, it, vi } from 'vitest';
import { TransportError } from '../../drivers/contract.js';
import { runSequence, type SequenceRun } from '../../src/engine/run-sequence.js';
import type { Session } from '../../src/engine/session.js';
import type { Sequence } from '../../src/engine/suite.js';
import { builtInTarget, sessionWith } from './support/built-in.js';
import { answer, ScriptedDriver, type Bend } from './support/scripted-driver.js';
import { oneSequence } from './support/suite-files.js';

const SVN = (svn: string): string =>
  `${answer('EUICCInfo1', { svn, euiccCiPKIdListForVerification: [], euiccCiPKIdListForSigning: [] })}9000`;
const ask = (expected: string, rq = '\n  rq: [RQ-ONE]'): string =>
  `- S_IPA -> eUICC: { GetEuiccInfo1Request: {} }\n  eUICC -> S_IPA: ${expected}${rq}`;
const JUDGED = ask('{ EUICCInfo1: { svn: "020500" } }');
/** A step without a requirement, about another function than the judged one. */
const SIDE = '- S_IPA -> eUICC: { GetRatRequest: {} }\n  eUICC -> S_IPA: { sw: "9000" }';

interface Prepared {
  readonly driver: ScriptedDriver;
  readonly session: Session;
  readonly sequence: Sequence;
  readonly run: (signal?: AbortSignal) => Promise<SequenceRun>;
}

/** Opened, with its certificates read, and the state of before too: what is bent afterwards is the sequence's own. */
async function prepare(
  steps: string,
  bend: Bend = () => undefined,
  more = '',
  definitions = '',
): Promise<Prepared> {
  const { suite, sequence } = oneSequence(steps, definitions, more);
  const driver = new ScriptedDriver();
  const target = { ...builtInTarget(), constants: new Map() };
  const session = sessionWith(driver, suite, target);
  await session.open();
  driver.calls.length = 0;
  driver.bend = bend;
  return { driver, session, sequence, run: (signal) => runSequence(sequence, session, signal) };
}

const told = ({ result }: SequenceRun): string[] => [result.verdict, ...result.problems.map((p) => p.cause)];
const when =
  (name: string, what: string | Error): Bend =>
  (called) =>
    called === name ? what : undefined;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('FAIL', () => {
  it('comes from a step with a requirement, with all that explains it', async () => {
    const { run } = await prepare(JUDGED, when('GetEUICCInfo1', SVN('020600')));
    const { result } = await run();
    expect(result.verdict).toBe('FAIL');
    expect(result.problems).toEqual([
      {
        cause: 'wrong-value',
        message: 'euiccInfo1.svn: expected 020500, got 020600',
        path: 'euiccInfo1.svn',
        tag: '82',
        offset: 3,
        expected: '020500',
        actual: '020600',
        requirements: ['RQ-ONE'],
        clauses: ['SGP.32 5.9.1'],
        place: { file: 'suites/sgp33-1-euicc/case.yaml', line: 13, column: 9 },
      },
    ]);
    const step = result.steps.find((s) => s.phase === 'test');
    expect(step).toMatchObject({
      verdict: 'FAIL',
      number: 1,
      requirements: ['RQ-ONE'],
      answer: { sw: '9000', type: 'EUICCInfo1' },
    });
    expect(step?.request?.hex).toBe('BF2000');
    expect(step?.answer?.tree).toContain('svn');
  });

  it.each<[string, string]>([
    ['6A80', 'unexpected'],
    ['9000', 'missing'],
    ['BF2003820105009000', 'malformed'],
    ['BF21009000', 'malformed'],
    ['90', 'malformed'],
  ])('an answer %s is a FAIL: %s', async (hex, cause) => {
    const { run } = await prepare(JUDGED, when('GetEUICCInfo1', hex));
    expect(told(await run()).slice(0, 2)).toEqual(['FAIL', cause]);
  });

  it('ends the sequence: later steps are not sent', async () => {
    const { run, driver } = await prepare(`${JUDGED}\n${SIDE}`, when('GetEUICCInfo1', SVN('020600')));
    const { result } = await run();
    expect(result.steps.filter((s) => s.phase === 'test')).toHaveLength(1);
    expect(driver.calls).not.toContain('GetRAT');
  });

  it('comes from the requirement that is laid on a procedure, and from every `expect` around its answer', async () => {
    const definitions = `PROC_IN:\n  steps:\n    - S_IPA -> eUICC: { GetEuiccInfo1Request: {} }\n      eUICC -> S_IPA: { EUICCInfo1: !any }\nPROC_OUT:\n  steps:\n    - use: PROC_IN\n      expect: { svn: !bytes 3 }\n`;
    const bad = await prepare(
      '- use: PROC_OUT\n  expect: { svn: "020500" }\n  rq: [RQ-TWO]',
      when('GetEUICCInfo1', SVN('020600')),
      '',
      definitions,
    );
    const { result } = await bad.run();
    expect(result.verdict).toBe('FAIL');
    expect(result.problems[0]).toMatchObject({
      requirements: ['RQ-TWO'],
      clauses: ['SGP.32 5.9.12'],
      place: { line: 13 },
    });
    const good = await prepare(
      '- use: PROC_OUT\n  expect: { svn: "020500" }\n  rq: [RQ-TWO]',
      undefined,
      '',
      definitions,
    );
    expect(told(await good.run())).toEqual(['PASS']);
  });

  it('is a timeout where a judged command is not answered', async () => {
    const { run, session } = await prepare(
      JUDGED,
      when('GetEUICCInfo1', new TransportError('timeout', 'no answer')),
    );
    expect(told(await run())).toEqual(['FAIL', 'timeout']);
    expect(session.dirty).toBe(false);
  });
});

describe('INCONCLUSIVE', () => {
  it('is a step without a requirement that does not go as expected', async () => {
    const { run } = await prepare(`${SIDE}\n${JUDGED}`, when('GetRAT', '6A80'));
    expect(told(await run())).toEqual(['INCONCLUSIVE', 'wrong-value']);
  });

  it('is a timeout of such a step', async () => {
    const { run } = await prepare(
      `${SIDE}\n${JUDGED}`,
      when('GetRAT', new TransportError('timeout', 'no answer')),
    );
    expect(told(await run())).toEqual(['INCONCLUSIVE', 'timeout']);
  });

  it('is trouble in an initial condition, whatever requirement its procedure has', async () => {
    const definitions = `PROC_X:\n  steps:\n    - S_IPA -> eUICC: { GetRatRequest: {} }\n      eUICC -> S_IPA: { sw: "9000" }\n      rq: [RQ-TWO]\n`;
    const { run } = await prepare(
      JUDGED,
      when('GetRAT', '6A80'),
      'initialConditions: [{ use: PROC_X }]\n',
      definitions,
    );
    const done = await run();
    expect(told(done)).toEqual(['INCONCLUSIVE', 'initial-condition']);
    expect(done.result.steps.map((s) => s.verdict)).not.toContain('FAIL');
    expect(done.result.problems[0]?.message).toContain('6A80');
  });

  it('is a condition that the card does not take', async () => {
    const { run } = await prepare(
      JUDGED,
      undefined,
      'initialConditions: [{ eUICC: profile-enabled, iccid: $ICCID1 }]\n',
    );
    expect(told(await run())).toEqual(['INCONCLUSIVE', 'initial-condition']);
  });

  it('is a card that is pulled; the next sequence opens it again', async () => {
    const { run, driver, session } = await prepare(JUDGED, (name) =>
      name === 'open' || name === 'GetEUICCInfo1'
        ? new TransportError('card-removed', 'the card is gone')
        : undefined,
    );
    const gone = await run();
    expect(told(gone)).toEqual(['INCONCLUSIVE', 'environment', 'environment']);
    expect(gone.result.problems[0]?.place.line).toBe(13);
    expect(session.dirty).toBe(true);
    const before = driver.opened;
    driver.bend = () => undefined;
    expect(told(await run())).toEqual(['PASS']);
    expect(driver.opened).toBe(before + 1);
  });

  it('is a state that could not be given back', async () => {
    const { run, driver } = await prepare(JUDGED, (name) => {
      if (name === 'GetEUICCInfo1')
        driver.profiles = [
          { iccid: '98', profileState: 'disabled' },
          { iccid: '89', profileState: 'disabled' },
        ];
      return undefined;
    });
    const done = await run();
    expect(told(done)).toEqual(['INCONCLUSIVE', 'not-restored']);
    expect(done.result.steps.filter((s) => s.phase === 'restore')).toHaveLength(2);
  });

  it('never hides a FAIL', async () => {
    const { run, driver } = await prepare(JUDGED, (name) => {
      if (name !== 'GetEUICCInfo1') return undefined;
      driver.profiles = [];
      return SVN('020600');
    });
    expect(told(await run())).toEqual(['FAIL', 'wrong-value', 'not-restored']);
  });

  it('is a sequence that is not at its end in time; its state is restored all the same', async () => {
    const deadline = new AbortController();
    vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(deadline.signal);
    const { run, driver } = await prepare(JUDGED, (name) => {
      if (name === 'GetEUICCInfo1') deadline.abort();
      return undefined;
    });
    const done = await run();
    expect(told(done)).toEqual(['INCONCLUSIVE', 'timeout']);
    expect(done.result.problems[0]?.message).toBe('not at its end after 180 s');
    expect(driver.calls.slice(driver.calls.indexOf('GetEUICCInfo1'))).toContain('GetProfilesInfo');
  });
});

describe('NOT_RUN and ERROR', () => {
  it('an abort is NOT_RUN', async () => {
    const abort = new AbortController();
    const { run, session } = await prepare(JUDGED, (name) => {
      if (name === 'GetEUICCInfo1') abort.abort();
      return undefined;
    });
    expect(told(await run(abort.signal))).toEqual(['NOT_RUN', 'environment']);
    expect(session.dirty).toBe(true);
    expect(told(await run(AbortSignal.abort()))).toEqual(['NOT_RUN', 'environment']);
  });

  it('an abort does not take back a FAIL', async () => {
    const abort = new AbortController();
    const { run, driver } = await prepare(JUDGED, when('GetEUICCInfo1', SVN('020600')));
    vi.spyOn(driver, 'exchange').mockImplementation(async (request, signal) => {
      const observation = await ScriptedDriver.prototype.exchange.call(driver, request, signal);
      if (driver.calls.at(-1) === 'GetEUICCInfo1') abort.abort();
      return observation;
    });
    expect(told(await run(abort.signal))).toEqual(['FAIL', 'wrong-value']);
  });

  it('a fault of the tool is an ERROR, in the step and in the sequence', async () => {
    const { run } = await prepare(JUDGED, when('GetEUICCInfo1', new TypeError('a bug')));
    const done = await run();
    expect(told(done)).toEqual(['ERROR', 'tool']);
    expect(done.result.problems[0]?.message).toContain('a bug');
    expect(done.result.steps.find((s) => s.phase === 'test')).toMatchObject({ verdict: 'ERROR' });
  });

  it('a fault of the tool in the middle of an abort is an ERROR too', async () => {
    const abort = new AbortController();
    const { run } = await prepare(JUDGED, (name) => {
      if (name !== 'GetEUICCInfo1') return undefined;
      abort.abort();
      return new TypeError('a bug');
    });
    expect(told(await run(abort.signal))).toEqual(['ERROR', 'tool']);
  });

  it('a mistake of the suite that only shows when it is judged is an ERROR with its place', async () => {
    // A length that a variable holds is known only then.
    const steps = `${ask('{ EUICCInfo1: { svn: !bind SVN } }', '')}\n${ask('{ EUICCInfo1: { svn: !bytes <SVN> } }')}`;
    const { run } = await prepare(steps, when('GetEUICCInfo1', SVN('ABCDEF')));
    const done = await run();
    expect(told(done)).toEqual(['ERROR', 'tool']);
    expect(done.result.problems[0]?.message).toMatch(/case\.yaml:16:\d+: a whole number is needed/);
    expect(done.result.steps.filter((s) => s.phase === 'test').map((s) => s.verdict)).toEqual([
      'PASS',
      'ERROR',
    ]);
  });

  it('a fault while restoring is an ERROR, and never a rejection', async () => {
    let judged = false;
    const { run } = await prepare(JUDGED, (name) => {
      if (name === 'GetEUICCInfo1') judged = true;
      return judged && name === 'GetProfilesInfo' ? new TypeError('a bug') : undefined;
    });
    expect(told(await run())).toEqual(['ERROR', 'tool']);
  });
});

describe('PASS', () => {
  it('leaves a card whose state is as it was alone', async () => {
    const { run, driver } = await prepare(JUDGED);
    driver.eims = [{ eimId: 'their.eim', counterValue: '7', associationToken: '3' }];
    expect(told(await run())).toEqual(['PASS']);
    const reading = new Set([
      'GetEUICCInfo1',
      'GetEuiccConfiguredAddresses',
      'GetProfilesInfo',
      'GetEimConfigurationData',
      'ListNotification',
      'RetrieveNotificationsList',
    ]);
    expect(driver.calls.filter((c) => !reading.has(c))).toEqual([]);
  });

  it('gives back an address, and removes a new Notification', async () => {
    const { run, driver } = await prepare(JUDGED, (name) => {
      if (name === 'GetEUICCInfo1') {
        driver.address = 'b.example.com';
        driver.notifications = [
          { seqNumber: '4', profileManagementOperation: ['notificationEnable'], notificationAddress: 'x' },
        ];
      }
      if (name === 'SetDefaultDpAddress') driver.address = 'a.example.com';
      if (name === 'RemoveNotificationFromList') driver.notifications = [];
      return undefined;
    });
    expect(told(await run())).toEqual(['PASS']);
    expect(driver.address).toBe('a.example.com');
    expect(driver.notifications).toEqual([]);
  });

  it('says which interpretation it relied upon; a target that reads strictly does not take it', async () => {
    const steps = ask(
      '{ oneOf: [{ EUICCInfo1: { svn: "020500" } }, { EUICCInfo1: { svn: "020600" }, interpretation: INT-ONE }] }',
    );
    const lenient = await prepare(steps, when('GetEUICCInfo1', SVN('020600')));
    expect((await lenient.run()).result).toMatchObject({ verdict: 'PASS', interpretations: ['INT-ONE'] });
    const strict = await prepare(steps, when('GetEUICCInfo1', SVN('020600')));
    const target = {
      ...builtInTarget(),
      constants: new Map(),
      interpretations: new Map([['INT-ONE', 'strict']]),
    };
    const session = sessionWith(strict.driver, strict.session.suite, target);
    expect(told(await runSequence(strict.sequence, session))).toEqual(['FAIL', 'wrong-value']);
  });

  it('leaves out a step whose condition does not hold', async () => {
    const { run, driver } = await prepare(`${SIDE}\n  applies: N/A\n${JUDGED}`, when('GetRAT', '6A80'));
    expect(told(await run())).toEqual(['PASS']);
    expect(driver.calls).not.toContain('GetRAT');
  });
});
