import { describe, expect, it } from 'vitest';
import { TransportError, type CardTransport, type TraceEvent } from '../../drivers/contract.js';
import { createEuiccDriver, type EuiccDriverOptions } from '../../drivers/euicc-session.js';
import { inProcessTransport } from '../../drivers/in-process.js';
import { ATR_T0, ATR_T1, bytes, TINY_EID, TinyCard } from '../support/tiny-card.js';
import { describeEuiccDriverContract } from './contract.js';

for (const [name, atr] of [
  ['T=0', ATR_T0],
  ['T=1', ATR_T1],
] as const) {
  describeEuiccDriverContract(`a ${name} card in this process`, async () => ({
    driver: createEuiccDriver(inProcessTransport(new TinyCard({ atr }))),
    eid: TINY_EID,
  }));
}

/** A card whose answers a test changes: the override gets the command in hex and may answer. */
function scripted(override: (command: string) => string | Uint8Array | TransportError | undefined) {
  const card = new TinyCard();
  const inner = inProcessTransport(card);
  const transport: CardTransport = {
    ...inner,
    protocol: inner.protocol,
    atr: inner.atr,
    async transmit(command) {
      const answer = override(Buffer.from(command).toString('hex').toUpperCase());
      if (answer instanceof TransportError) throw answer;
      if (answer === undefined) return inner.transmit(command);
      return typeof answer === 'string' ? bytes(answer) : answer;
    },
  };
  return { card, transport };
}

async function opened(override: Parameters<typeof scripted>[0], options: EuiccDriverOptions = {}) {
  const { card, transport } = scripted(override);
  const driver = createEuiccDriver(transport, options);
  await driver.open();
  return { card, driver };
}

describe('open', () => {
  it('sends the start-up of an IPAd and traces it', async () => {
    const trace: TraceEvent[] = [];
    const { card } = await opened(() => undefined, { onTrace: (event) => trace.push(event) });
    expect(card.commands).toEqual([
      '80AA000005A903840101',
      '0070000001',
      '01A4040010A0000005591010FFFFFFFF8900000100',
      '01C0000014',
      '81E2910006BF3E035C015A',
      '01C0000015',
    ]);
    expect(trace.map(({ kind }) => kind)).toEqual([
      'reset',
      ...card.commands.flatMap(() => ['c-apdu', 'r-apdu']),
    ]);
  });

  it('goes on when TERMINAL CAPABILITY is refused, and sends none when told so', async () => {
    await opened((command) => (command.startsWith('80AA') ? '6E00' : undefined));
    const { card } = await opened(() => undefined, { terminalCapability: null });
    expect(card.commands[0]).toBe('0070000001');
  });

  it('uses the channel that the card assigns, above 3 too', async () => {
    const seen: string[] = [];
    const answers: Record<string, string> = { '00': '059000', '41': '9000', C1: `BF3E125A10${TINY_EID}9000` };
    await opened((command) => {
      seen.push(command);
      return command.startsWith('80AA') ? '9000' : answers[command.slice(0, 2)];
    });
    expect(seen.slice(2)).toEqual(['41A4040010A0000005591010FFFFFFFF8900000100', 'C1E2910006BF3E035C015A']);
  });

  it('takes 91xx for success at each step', async () => {
    const card = new TinyCard();
    const transmit = card.transmit.bind(card);
    card.transmit = (command) => {
      const answer = transmit(command);
      return answer.at(-2) === 0x90 ? Uint8Array.of(...answer.subarray(0, -2), 0x91, 0x0b) : answer;
    };
    const driver = createEuiccDriver(inProcessTransport(card));
    await driver.open();
    expect(driver.identity.eid).toBe(TINY_EID);
    const observed = await driver.exchange({ kind: 'es10', data: new Uint8Array(9), blockSize: 4 });
    expect(observed).toMatchObject({ data: new Uint8Array(9), sw: 0x910b });
  });

  it.each([
    ['no ISD-R', 'not-an-euicc', (command: string) => (command.startsWith('01A4') ? '6A82' : undefined)],
    ['no EID', 'not-an-euicc', (command: string) => (command.startsWith('81E2') ? '6A80' : undefined)],
    [
      'a short EID',
      'not-an-euicc',
      (command: string) => (command.startsWith('81E2') ? 'BF3E035A01899000' : undefined),
    ],
    [
      'no channel free',
      'no-logical-channel',
      (command: string) => (command.startsWith('0070') ? '6A81' : undefined),
    ],
    [
      'channel 0 assigned',
      'no-logical-channel',
      (command: string) => (command.startsWith('0070') ? '009000' : undefined),
    ],
    [
      'channel FF assigned',
      'no-logical-channel',
      (command: string) => (command.startsWith('0070') ? 'FF9000' : undefined),
    ],
    [
      'a malformed R-APDU',
      'malformed-r-apdu',
      (command: string) => (command.startsWith('81E2') ? '90' : undefined),
    ],
  ])('with %s throws %s', async (_, code, override) => {
    await expect(opened(override)).rejects.toMatchObject({ code });
  });

  it('binds the card by its EID', async () => {
    await expect(
      opened(() => undefined, { expectedEid: TINY_EID.replace('8904', '8905') }),
    ).rejects.toMatchObject({
      code: 'eid-mismatch',
      actual: TINY_EID,
    });
    await opened(() => undefined, { expectedEid: TINY_EID });
  });
});

describe('exchange', () => {
  it('ends a chain of blocks at the first error', async () => {
    const { driver } = await opened((command) => (command.startsWith('81E21101') ? '6A86' : undefined));
    const observed = await driver.exchange({ kind: 'es10', data: new Uint8Array(30), blockSize: 10 });
    expect(observed).toMatchObject({ sw: 0x6a86, data: new Uint8Array(0) });
    expect(observed.events.filter(({ kind }) => kind === 'c-apdu')).toHaveLength(2);
  });

  it('puts a long answer together', async () => {
    const { driver } = await opened(() => undefined);
    const data = Uint8Array.from({ length: 3000 }, (_, index) => index & 0xff);
    expect(await driver.exchange({ kind: 'es10', data, blockSize: 120 })).toMatchObject({ data, sw: 0x9000 });
  });

  it.each(['', '6F'])('observes the malformed R-APDU "%s"', async (answer) => {
    const { driver } = await opened((command) => (command === '81E2910002BF20' ? answer : undefined));
    expect(await driver.exchange({ kind: 'es10', data: bytes('BF20') })).toMatchObject({
      sw: null,
      malformed: bytes(answer),
      data: new Uint8Array(0),
    });
    const raw = await driver.exchange({ kind: 'apdu', command: bytes('81E2910002BF20') });
    expect(raw).toMatchObject({ sw: null, malformed: bytes(answer) });
    expect(raw.events.at(-1)).toMatchObject({ kind: 'r-apdu', bytes: bytes(answer) });
  });

  it('says when an endless answer was cut', async () => {
    const { driver } = await opened((command) => {
      if (command === '81E2910002BF20') return '6110';
      return command === '01C0000010' ? `${'00'.repeat(16)}6110` : undefined;
    });
    expect(await driver.exchange({ kind: 'es10', data: bytes('BF20') })).toMatchObject({
      overflow: 'rounds',
      sw: 0x6110,
    });
  });

  it('returns the answer of the step that a start-up failed at', async () => {
    let broken = false;
    const { driver } = await opened((command) => (broken && command.startsWith('01A4') ? '6A82' : undefined));
    broken = true;
    expect(await driver.exchange({ kind: 'reset' })).toMatchObject({ sw: 0x6a82 });
  });

  it('throws transport trouble with the trace so far', async () => {
    const { driver } = await opened((command) =>
      command.startsWith('81E29101') ? new TransportError('timeout', 'silent') : undefined,
    );
    const error: unknown = await driver
      .exchange({ kind: 'es10', data: new Uint8Array(20), blockSize: 10 })
      .catch((reason: unknown) => reason);
    expect((error as TransportError).events?.map(({ kind }) => kind)).toEqual([
      'c-apdu',
      'r-apdu',
      'c-apdu',
      'note',
    ]);
  });
});

describe('a card that was pulled', () => {
  function pullable() {
    let present = true;
    let made = 0;
    const asked: (string | undefined)[] = [];
    const { transport } = scripted(() => (present ? undefined : new TransportError('card-removed', 'gone')));
    const factory = async ({ eid }: { eid?: string }): Promise<CardTransport> => {
      asked.push(eid);
      made += 1;
      if (!present && asked.length >= 4) present = true;
      if (!present) throw new TransportError('reader-not-found', 'no reader holds it');
      return { ...transport, protocol: transport.protocol, atr: transport.atr };
    };
    return { factory, asked, pull: () => (present = false), made: () => made };
  }

  it('is looked for by its EID until it is back', async () => {
    const { factory, asked, pull } = pullable();
    const driver = createEuiccDriver(factory);
    await driver.open();
    pull();
    const request = { kind: 'es10', data: bytes('BF3E035C015A') } as const;
    await expect(driver.exchange(request)).rejects.toMatchObject({ code: 'card-removed' });
    await driver.open();
    expect(asked).toEqual([undefined, TINY_EID, TINY_EID, TINY_EID]);
    expect((await driver.exchange(request)).sw).toBe(0x9000);
  });

  it('is given up at the deadline, and at once on the first open', async () => {
    const { factory, pull, made } = pullable();
    const driver = createEuiccDriver(factory, { reconnectDeadlineMs: 250 });
    await driver.open();
    pull();
    await expect(driver.exchange({ kind: 'apdu', command: bytes('00A4000C') })).rejects.toThrow();
    await expect(driver.open()).rejects.toMatchObject({ code: 'reader-not-found' });
    expect(made()).toBe(3);

    const other = pullable();
    other.pull();
    await expect(createEuiccDriver(other.factory).open()).rejects.toMatchObject({ code: 'reader-not-found' });
    expect(other.made()).toBe(1);
  });

  it('ends the search when the signal fires', async () => {
    const { factory, pull } = pullable();
    const driver = createEuiccDriver(factory);
    await driver.open();
    pull();
    await expect(driver.exchange({ kind: 'apdu', command: bytes('00A4000C') })).rejects.toThrow();
    await expect(driver.open(AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('personalisation', () => {
  it('is handed to the personaliser of the target', async () => {
    const actions: string[] = [];
    const personaliser = {
      personalise: async ({ action }: { action: string }) => void actions.push(action),
    };
    const driver = createEuiccDriver(inProcessTransport(new TinyCard()), { personaliser });
    expect(driver.canPersonalise).toBe(true);
    await driver.personalise({ action: 'install-profile', parameters: {} });
    expect(actions).toEqual(['install-profile']);
  });
});
