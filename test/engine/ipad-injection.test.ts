import { describe, expect, it } from 'vitest';
import type { EimObservation, EsipaChannel, EsipaRequest } from '../../drivers/eim-contract.js';
import { bytesToHex, hexToBytes } from '../../src/protocol/asn1/index.js';
import { files, GET, GOT, NOTHING, play, told } from './support/ipad-sequence.js';
import type { ScriptedIpad } from './support/scripted-ipad.js';
import { mistakes } from './support/suite-files.js';

const RECEIVED = 'BF4E020500';
const INJECT = (what: string): string =>
  `- S_eIM -> IPAd: { inject: ${what} }\n` +
  '  IPAd -> S_eIM: { TransferEimPackageResponse: { eimPackageReceived: "NULL" } }\n  rq: [RQ-ONE]\n';
const ACKNOWLEDGEMENTS = INJECT('{ EimAcknowledgements: ["1"] }');
const START = '- operator -> IPAd: { start: {} }\n';

/** Gives the driver a way in, whose device answers so. */
const into =
  (answer: (body: string) => Promise<Partial<EimObservation>>, asked: EsipaRequest[] = []) =>
  (driver: ScriptedIpad): void => {
    const channel: EsipaChannel = {
      transport: 'https',
      binding: 'asn1',
      url: 'http://127.0.0.1:1',
      exchange: async (request) => {
        asked.push(request);
        const observation = await answer(bytesToHex(request.body ?? new Uint8Array()));
        return { data: new Uint8Array(0), facts: {}, findings: [], events: [], ...observation };
      },
      close: () => Promise.resolve(),
    };
    driver.injection = channel;
  };
const bytes = (hex: string): Uint8Array => hexToBytes(hex) as Uint8Array;
const nothing = (): Promise<void> => Promise.resolve();

describe('a package that an eIM injects', () => {
  it('goes out in TransferEimPackage, and its answer is judged', async () => {
    const bodies: string[] = [];
    const { run } = await play(
      ACKNOWLEDGEMENTS,
      nothing,
      into((body) => {
        bodies.push(body);
        return Promise.resolve({ data: bytes(RECEIVED) });
      }),
    );
    expect(told(run)).toEqual(['PASS']);
    expect(bodies).toEqual(['BF4E06BF5303800101']);
  });

  it('FAILs on another answer, and where none comes', async () => {
    const refusal = into(() => Promise.resolve({ data: bytes('BF4E03020101') }));
    expect(told((await play(ACKNOWLEDGEMENTS, nothing, refusal)).run)).toEqual(['FAIL', 'unexpected']);
    const silence = into(() =>
      Promise.resolve({ fault: { kind: 'timeout', path: 'http', expected: 'an answer', actual: 'none' } }),
    );
    expect(told((await play(ACKNOWLEDGEMENTS, nothing, silence)).run)).toEqual(['FAIL', 'timeout']);
  });

  it('goes out as it stands where it is bytes', async () => {
    const asked: EsipaRequest[] = [];
    await play(
      INJECT('{ body: BF4E06BF6003800101 }'),
      nothing,
      into(() => Promise.resolve({ data: bytes(RECEIVED) }), asked),
    );
    expect(asked.map(({ body, fresh }) => [bytesToHex(body ?? bytes('')), fresh])).toEqual([
      ['BF4E06BF6003800101', true],
    ]);
  });

  it('is not held up by a device that polls before it answers', async () => {
    let polled: (answer: string) => void;
    const answer = new Promise<string>((resolve) => (polled = resolve));
    const { run } = await play(
      START + ACKNOWLEDGEMENTS,
      async (device) => polled(await device.say(GET)),
      into(async () => ((await answer) === NOTHING ? { data: bytes(RECEIVED) } : {})),
    );
    expect(told(run)).toEqual(['PASS']);
  });

  it('leaves to a later step what the device says right behind its answer', async () => {
    let begin: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const { run } = await play(
      START + ACKNOWLEDGEMENTS + GOT,
      async (device) => {
        await begun;
        await device.say(GET);
      },
      into(() => {
        begin();
        return Promise.resolve({ data: bytes(RECEIVED) });
      }),
    );
    expect(told(run)).toEqual(['PASS']);
  });

  it('is INCONCLUSIVE where the target has no way in', async () => {
    const { run } = await play(ACKNOWLEDGEMENTS, nothing);
    expect(told(run)).toEqual(['INCONCLUSIVE', 'environment']);
    expect(run.result.problems[0]?.message).toContain('does not say where the IPAd takes packages');
  });

  it.each([
    [
      'something beside it',
      '- S_eIM -> IPAd: { inject: { EimAcknowledgements: [] }, http: {} }\n',
      'unknown-key',
    ],
    ['no package', '- S_eIM -> IPAd: { inject: {} }\n', 'step-shape'],
    ['an unknown type', '- S_eIM -> IPAd: { inject: { EimAcknowledgments: [] } }\n', 'unknown-type'],
    ['no injection at all', '- S_eIM -> IPAd: { EimAcknowledgements: [] }\n', 'unknown-key'],
  ])('is refused with %s', (_, step, code) => {
    expect(mistakes(files(step + GOT)).codes.join()).toContain(code);
  });
});
