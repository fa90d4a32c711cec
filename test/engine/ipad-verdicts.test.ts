import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { GET, GOT, NOTHING, play, POLL, RESULT, told, WAIT } from './support/ipad-sequence.js';
import { exited } from './support/scripted-ipad.js';

describe('a sequence on an IPAd', () => {
  it('PASSes on the message that it waits for, which is answered as the step says', async () => {
    const answers: string[] = [];
    const { run, driver } = await play(
      POLL +
        WAIT(
          '{ GetEimPackageRequest: { eidValue: $EID1 } }',
          '{ GetEimPackageResponse: { eimPackageError: invalidEid } }',
        ),
      async (device) => void answers.push(await device.say(GET)),
    );
    expect(told(run)).toEqual(['PASS']);
    expect(answers).toEqual(['BF4F03020103']);
    expect(driver.fired[0]).toMatchObject([
      'poll',
      { eimFqdn: 'testeim1.example.com', eimAddress: '127.0.0.1:1', cardPort: '1' },
    ]);
    expect(driver.settled).toBe(1);
    expect(run.timeline.map((e) => e.kind)).toEqual(
      expect.arrayContaining(['esipa-request', 'esipa-response']),
    );
  });

  it('FAILs on another value, with its path, and the IPAd gets the answer of a good eIM', async () => {
    const answers: string[] = [];
    const { run } = await play(
      POLL +
        WAIT('{ GetEimPackageRequest: { eidValue: "89049032123451234512345678901332" } }', '{ silence: {} }'),
      async (device) => void answers.push(await device.say(GET)),
    );
    expect(told(run)).toEqual(['FAIL', 'wrong-value']);
    expect(run.result.problems[0]).toMatchObject({
      path: 'getEimPackageRequest.eidValue',
      requirements: ['RQ-ONE'],
    });
    expect(answers).toEqual([NOTHING]);
  });

  it('answers what no step mentions as a good eIM does, and notes it', async () => {
    const answers: string[] = [];
    const { run } = await play(POLL + GOT, async (device) => {
      answers.push(await device.say('BF3D00'));
      answers.push(await device.say(GET));
    });
    expect(told(run)).toEqual(['PASS']);
    expect(answers).toEqual(['empty', NOTHING]);
    expect(run.result.notes.map((n) => n.code)).toContain('not-mentioned');
  });

  it('acknowledges every sequence number where no step says otherwise', async () => {
    // ProvideEimPackageResult with a signed result whose seqNumber is 7.
    const answers: string[] = [];
    const result =
      'BF50' +
      '67' +
      'BF5164' +
      'A062' +
      '301D' +
      '8001' +
      '61' +
      '810105' +
      '83' +
      '0107' +
      '30' +
      '03' +
      '830100';
    const { run } = await play(POLL + GOT, async (device) => {
      answers.push(await device.say(result));
      answers.push(await device.say(GET));
    });
    expect(told(run)).toEqual(['PASS']);
    expect(answers[0]).toMatch(/^BF50/);
  });

  it.each([
    ['says nothing', false, undefined, ['FAIL', 'timeout']],
    ['ends with an exit code', true, exited(3, 'out of memory'), ['FAIL', 'missing']],
    [
      'is ended by a signal',
      true,
      { how: 'signalled' as const, signal: 'SIGSEGV', output: '', outputBytes: 0, events: [] },
      ['FAIL', 'missing'],
    ],
  ])('FAILs where the device %s', async (_, ends, end, verdict) => {
    const { run } = await play(
      POLL + GOT,
      () => Promise.resolve(end),
      (driver) => (driver.ends = ends),
    );
    expect(told(run)).toEqual(verdict);
    if (end?.how === 'exited')
      expect(run.result.problems[0]?.actual).toContain('exit code 3; it wrote: out of memory');
    if (end?.how === 'signalled') expect(run.result.problems[0]?.actual).toContain('SIGSEGV');
  });

  it('says which messages came in place of the one that did not', async () => {
    const { run } = await play(
      POLL + WAIT('{ ProvideEimPackageResult: !any , http: { method: POST } }'),
      async (device) => {
        await device.say(GET);
      },
    );
    expect(told(run)).toEqual(['FAIL', 'missing']);
    expect(run.result.problems[0]?.actual).toContain('getEimPackageRequest');
  });

  it('notices the death of a long-running device', async () => {
    const { run } = await play(
      POLL + GOT,
      () => Promise.resolve(),
      (driver) => {
        driver.ends = false;
        driver.death = exited(139);
      },
    );
    expect(told(run)).toEqual(['FAIL', 'missing']);
    expect(run.result.problems[0]?.actual).toContain('exit code 139');
  });

  it('judges bytes that are no message', async () => {
    const { run } = await play(POLL + GOT, async (device) => void (await device.say('FF00')));
    expect(run.result.verdict).toBe('FAIL');
    expect(run.result.problems[0]?.cause).toBe('malformed');
  });

  describe('silence', () => {
    const SILENT = WAIT('{ silence: {} }');
    it('PASSes when nothing comes until the device is idle', async () => {
      const { run } = await play(POLL + GOT + SILENT, async (device) => void (await device.say(GET)));
      expect(told(run)).toEqual(['PASS']);
    });
    it('FAILs on any message', async () => {
      const { run } = await play(POLL + GOT + SILENT, async (device) => {
        await device.say(GET);
        await device.say(RESULT);
      });
      expect(told(run)).toEqual(['FAIL', 'unexpected']);
    });
    it('lets through what is not forbidden', async () => {
      const { run } = await play(
        POLL + GOT + WAIT('{ silence: { of: [ProvideEimPackageResult] } }'),
        async (device) => {
          await device.say(GET);
          await device.say(GET);
        },
      );
      expect(told(run)).toEqual(['PASS']);
    });
    it('lets through what comes no earlier than it may', async () => {
      const steps = POLL + GOT + WAIT("{ silence: { before: '30' } }");
      const { run } = await play(steps, async (device) => {
        await device.say(GET);
        // A timer may fire a little early.
        await delay(35);
        await device.say(GET);
      });
      expect(told(run)).toEqual(['PASS']);
    });
    it('FAILs on what comes earlier', async () => {
      const steps = POLL + GOT + WAIT("{ silence: { before: '60000' } }");
      const { run } = await play(steps, async (device) => {
        await device.say(GET);
        await device.say(GET);
      });
      expect(told(run)).toEqual(['FAIL', 'unexpected']);
      expect(run.result.problems[0]?.expected).toBe('no message in 60000 ms');
    });
    it('goes on while the device is known to be at work, however quiet it is', async () => {
      let busy = false;
      const { run } = await play(
        POLL + GOT + SILENT,
        async (device) => {
          busy = true;
          await device.say(GET);
          // Longer than a device is quiet that has come to rest.
          await delay(100);
          const last = device.say(RESULT);
          busy = false;
          await last;
        },
        (driver) => {
          driver.ends = false;
          Object.defineProperty(driver.triggers, 'busy', { get: () => busy });
        },
      );
      expect(told(run)).toEqual(['FAIL', 'unexpected']);
    });
    it('ends where a device never comes to rest', async () => {
      let on = true;
      const { run } = await play(
        POLL + WAIT('{ silence: { of: [ProvideEimPackageResult] } }'),
        async (device) => {
          while (on) await device.say(GET);
        },
        (driver) => {
          driver.triggers.settle = () => {
            on = false;
            return Promise.resolve([]);
          };
        },
      );
      expect(told(run)).toEqual(['PASS']);
    });
  });

  describe('a handshake that comes to nothing', () => {
    const REFUSED = WAIT('{ fault: handshake, tls: { alert: certificate_expired } }');
    it('PASSes with the alert that is expected', async () => {
      const { run, driver } = await play(
        POLL + REFUSED,
        async (device) => device.refuse({ tls: { alert: 'certificate_expired' } }),
        undefined,
        `initialConditions: [{ S_eIM: associated }, { S_eIM: presents, certificate: expired }]\n`,
      );
      expect(told(run)).toEqual(['PASS']);
      expect(driver.presented).toEqual([{ certificate: 'expired' }]);
    });
    it('FAILs when the IPAd sends a request all the same', async () => {
      const { run } = await play(POLL + REFUSED, async (device) => void (await device.say(GET)));
      expect(run.result.verdict).toBe('FAIL');
    });
  });

  describe('the card', () => {
    const REMOVES =
      '- IPAd -> S_eUICC: { NotificationSentRequest: { seqNumber: "5" } }\n  S_eUICC -> IPAd: { NotificationSentResponse: { deleteNotificationStatus: ok } }\n  rq: [RQ-ONE]\n';
    it('PASSes on the command that is expected, out of those that came', async () => {
      const { run } = await play(POLL + REMOVES, async (device) => {
        device.command('BF3E035C015A', 'BF3E125A1089049032123451234512345678901235');
        device.command('BF3003800105', 'BF3003800100');
      });
      expect(told(run)).toEqual(['PASS']);
    });
    it('FAILs on another value', async () => {
      const { run } = await play(POLL + REMOVES, async (device) =>
        device.command('BF3003800106', 'BF3003800100'),
      );
      expect(told(run)).toEqual(['FAIL', 'wrong-value']);
    });
    it('FAILs when it does not come, and says what came', async () => {
      const { run } = await play(POLL + REMOVES, async (device) => device.command('BF3E035C015A'));
      expect(told(run)).toEqual(['FAIL', 'missing']);
      expect(run.result.problems[0]?.actual).toContain('GetEID');
    });
    it('never FAILs for what the card answers', async () => {
      const { run } = await play(POLL + REMOVES, async (device) =>
        device.command('BF3003800105', 'BF3003800101'),
      );
      expect(run.result.verdict).toBe('INCONCLUSIVE');
    });
    it('judges APDUs by their names', async () => {
      const { run } = await play(
        POLL + '- IPAd -> S_eUICC: { apdu: { name: SELECT, p1: "04" } }\n  rq: [RQ-ONE]\n',
        async (device) =>
          device.command('00A4040000', '', { kind: 'apdu', facts: { name: 'SELECT', p1: '04' } }),
      );
      expect(told(run)).toEqual(['PASS']);
    });
    it('judges a reset by its name, and how it came about', async () => {
      const { run } = await play(
        POLL + '- IPAd -> S_eUICC: { apdu: { name: RESET }, reset: { how: power-on } }\n  rq: [RQ-ONE]\n',
        async (device) => device.command('', '3B00', { kind: 'reset', facts: { how: 'power-on' } }),
      );
      expect(told(run)).toEqual(['PASS']);
    });
    it('FAILs where a command comes that must not come', async () => {
      const { run } = await play(
        POLL + '- IPAd -> S_eUICC: { silence: { of: [NotificationSentRequest] } }\n  rq: [RQ-ONE]\n',
        async (device) => device.command('BF3003800105'),
      );
      expect(told(run)).toEqual(['FAIL', 'unexpected']);
    });
    it('is watched until the device is idle, whose messages are answered meanwhile', async () => {
      const answers: string[] = [];
      const { run } = await play(
        POLL + '- IPAd -> S_eUICC: { silence: { of: [NotificationSentRequest] } }\n  rq: [RQ-ONE]\n',
        async (device) => {
          answers.push(await device.say(GET));
          device.command('BF3003800105');
        },
      );
      expect(told(run)).toEqual(['FAIL', 'unexpected']);
      expect(answers).toEqual([NOTHING]);
    });
    it('is INCONCLUSIVE where the device has a card of its own', async () => {
      const { run } = await play(
        POLL + REMOVES,
        () => Promise.resolve(),
        (driver) => (driver.withCard = false),
      );
      expect(told(run)).toEqual(['INCONCLUSIVE', 'environment']);
    });
    it('is told which answers to replace', async () => {
      const { run, driver } = await play(
        '- operator -> S_eUICC: { fault: { function: EuiccPackageRequest, sw: "6F00" } }\n' + POLL + GOT,
        async (device) => void (await device.say(GET)),
      );
      expect(told(run)).toEqual(['PASS']);
      // Put away at the end.
      expect(driver.faults).toEqual([]);
    });
  });

  it('hands out a package whose bytes can be compared later', async () => {
    let answer = '';
    const { run } = await play(
      POLL +
        WAIT(
          '{ GetEimPackageRequest: { eidValue: $EID1 } }',
          '{ eimPackage: { IpaEuiccDataRequest: { tagList: BF20 } }, save: PACKAGE }',
        ) +
        '- compare: <PACKAGE>\n  with: BF52045C02BF20\n  rq: [RQ-TWO]\n',
      async (device) => void (answer = await device.say(GET)),
    );
    expect(told(run)).toEqual(['PASS']);
    expect(answer).toBe('BF4F07BF52045C02BF20');
    // There is no S_IPA beside the IPAd under test.
    expect(run.result.steps.map((step) => step.direction)).not.toContain('S_IPA');
  });

  it('waits for what a trigger starts, although the one before has ended', async () => {
    let times = 0;
    const { run } = await play(
      POLL + GOT + '- IPAd -> S_eIM: { silence: {} }\n' + '- operator -> IPAd: { restart: {} }\n' + GOT,
      async (device) => {
        // It takes longer to start than a device is quiet that has come to rest.
        if (times++ > 0) await delay(100);
        await device.say(GET);
      },
      (driver) => {
        const triggers = { ...driver.triggers };
        driver.triggers.fire = (name, parameters) => {
          driver.ends = name === 'poll';
          return triggers.fire(name, parameters);
        };
      },
    );
    expect(told(run)).toEqual(['PASS']);
  });

  it('takes no message for a new one that came before the eIM was away', async () => {
    const answers: string[] = [];
    const { run, driver } = await play(
      POLL +
        '- IPAd -> S_eUICC: { NotificationSentRequest: !any }\n' +
        '- operator -> S_eIM: { present: { down: "true" } }\n' +
        '- operator -> S_eIM: { present: {} }\n' +
        POLL +
        WAIT(
          '{ ProvideEimPackageResult: { eimPackageResult: { eimPackageResultResponseError: { eimPackageResultErrorCode: unknownPackage } } } }',
        ),
      async (device) => {
        if (answers.length > 0) return void answers.push(await device.say('BF5005A003020102'));
        const said = device.say('BF5005A003020101');
        device.command('BF3003800105');
        answers.push(await said);
      },
    );
    expect(told(run)).toEqual(['PASS']);
    expect(driver.presented).toEqual([{}, { down: true }, {}]);
    expect(answers[0]).toBe('closed');
  });

  it('judges what became of an answer', async () => {
    const { run } = await play(
      POLL + WAIT('{ GetEimPackageRequest: !any , answered: { coap: { retransmissions: "1" } } }'),
      async (device) => void (await device.say(GET)),
    );
    expect(told(run)).toEqual(['FAIL', 'wrong-value']);
  });

  it('is INCONCLUSIVE where the target does not map the trigger', async () => {
    const { run } = await play(
      '- operator -> IPAd: { executeFallback: {} }\n' + GOT,
      () => Promise.resolve(),
      (driver) => {
        driver.triggers.fire = () => {
          throw new Sgp33Error('trigger-not-mapped', 'the target does not map executeFallback');
        };
      },
    );
    expect(told(run)).toEqual(['INCONCLUSIVE', 'environment']);
  });
});
