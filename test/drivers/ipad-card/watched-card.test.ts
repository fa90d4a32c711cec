/** S_eUICC at a socket: what is told of the commands of a device, faults, and a card as new. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { offerCard, type OfferedCard, type WatchedCardOptions } from '../../../drivers/ipad-card/index.js';
import type { CardCommand } from '../../../drivers/ipad-contract.js';
import { bytesToHex as hex, encode } from '../../../src/protocol/asn1/index.js';
import { EimConfigurationData } from '../../../src/protocol/types/es10-data.js';
import { SlotReader } from '../../support/slot-reader.js';
import { bytes } from '../../support/tiny-card.js';
import { enable, TestEim } from '../../simulators/euicc/eim.js';
import { EID, ICCID1 } from '../../simulators/euicc/terminal.js';

const GET_EID = 'BF3E035C015A';
const GET_CERTS = 'BF5600';

async function offered(more: Partial<WatchedCardOptions> = {}): Promise<OfferedCard> {
  const card = await offerCard({ offer: { kind: 'socket' }, ...more });
  onTestFinished(() => card.close());
  return card;
}

async function readerOf(card: OfferedCard): Promise<SlotReader> {
  const reader = await SlotReader.connect(card.port);
  onTestFinished(() => reader.end());
  return reader;
}

/** A card, and a reader that has started it; nothing of the start is left in the log. */
async function started(more: Partial<WatchedCardOptions> = {}) {
  const card = await offered(more);
  const reader = await readerOf(card);
  await reader.start();
  card.clear();
  return { card, reader };
}

async function told(card: OfferedCard, count = 1): Promise<CardCommand[]> {
  const commands: CardCommand[] = [];
  while (commands.length < count)
    commands.push((await card.next(5000)) ?? expect.fail(`${commands.length} of ${count} commands`));
  return commands;
}

const brief = ({ kind, channel, command, response, sw, facts }: CardCommand) => ({
  kind,
  channel,
  command: hex(command),
  response: hex(response),
  sw: sw?.toString(16).toUpperCase() ?? null,
  facts,
});

describe('the log', () => {
  it('tells resets and commands of the start one by one, with their names', async () => {
    const card = await offered();
    expect(card.place).toBe(`socket 127.0.0.1:${card.port}`);
    const reader = await readerOf(card);
    await reader.start();
    await reader.ask('80F2000000');
    expect(card.openChannels).toEqual([1]);
    await reader.end();
    const commands = await told(card, 6);
    expect(
      commands.map(({ kind, facts, sw }) => [kind, facts['name'] ?? facts['how'], sw?.toString(16)]),
    ).toEqual([
      ['reset', 'power-on', undefined],
      ['apdu', 'TERMINAL CAPABILITY', '9000'],
      ['apdu', 'MANAGE CHANNEL', '9000'],
      ['apdu', 'SELECT', '6126'],
      ['apdu', 'STATUS', '6c15'],
      ['removed', 'disconnected', undefined],
    ]);
    expect(commands[2] && brief(commands[2])).toMatchObject({
      command: '0070000001',
      response: '01',
      facts: { cla: '00', ins: '70', p1: '00', p2: '00', data: '' },
    });
    expect(commands[1]?.events.map((e) => e.kind)).toEqual(['c-apdu', 'r-apdu']);
    expect(hex(commands[0]?.response ?? new Uint8Array(0))).toMatch(/^3B9F96/);
  });

  it('puts the blocks of a function and its answer together', async () => {
    const { card, reader } = await started();
    const whole = await reader.es10(GET_CERTS);
    await reader.es10(GET_EID, 4);
    const [certs, eid] = await told(card, 2);
    expect(certs && brief(certs)).toEqual({
      kind: 'es10',
      channel: 1,
      command: GET_CERTS,
      response: whole.slice(0, -4),
      sw: '9000',
      facts: { function: 'BF56', blocks: '1', blockLengths: '3', end: 'whole' },
    });
    expect(certs?.events.length).toBeGreaterThan(6);
    expect(eid && brief(eid)).toMatchObject({
      command: GET_EID,
      response: `BF3E125A10${EID}`,
      facts: { function: 'BF3E', blocks: '2', blockLengths: '4,2', end: 'whole' },
    });
  });

  it('puts them together under T=1 too', async () => {
    const { card, reader } = await started({ euicc: { protocol: 'T=1' } });
    await reader.ask(`81E2910006${GET_EID}00`);
    await reader.ask(`81E2910006${GET_EID}08`);
    await reader.ask('01C0000000');
    const commands = await told(card, 2);
    for (const command of commands)
      expect(brief(command)).toMatchObject({ response: `BF3E125A10${EID}`, facts: { end: 'whole' } });
  });

  it('keeps the channels apart', async () => {
    const { card, reader } = await started();
    expect(await reader.ask('0070000001')).toBe('029000');
    await reader.ask('02A4040010A0000005591010FFFFFFFF8900000100');
    expect(card.openChannels).toEqual([1, 2]);
    card.clear();
    await reader.ask('81E2110003BF3E03');
    await reader.ask('82E2110003BF3E03');
    await reader.ask('82E29101035C015A');
    // Not the channel of the answer: it stays where it is.
    expect(await reader.ask('01C0000015')).toBe('6985');
    await reader.ask('02C0000015');
    await reader.ask('81E29101035C015A');
    await reader.ask('01C0000015');
    const commands = (await told(card, 3)).map(brief);
    expect(commands).toMatchObject([
      { kind: 'apdu', channel: 1, sw: '6985', facts: { name: 'GET RESPONSE' } },
      { kind: 'es10', channel: 2, command: GET_EID, response: `BF3E125A10${EID}` },
      { kind: 'es10', channel: 1, command: GET_EID, response: `BF3E125A10${EID}` },
    ]);
  });

  it.each([
    ['an answer that is not fetched', ['81E2910006BF3E035C015A', '80F2000015'], 'unfetched', '6115'],
    [
      'an answer that is fetched in part',
      ['81E2910006BF3E035C015A', '01C0000005', '80F2000015'],
      'unfetched',
      '6110',
    ],
    [
      'a chain that begins again',
      ['81E2110003BF3E03', '81E2910006BF3E035C015A', '01C0000015'],
      'unfinished',
      '9000',
    ],
    [
      'a chain before a SELECT',
      ['81E2110003BF3E03', '01A4040010A0000005591010FFFFFFFF8900000100'],
      'unfinished',
      '9000',
    ],
    ['a chain on a channel that is closed', ['81E2110003BF3E03', '0070800100'], 'unfinished', '9000'],
    ['a chain before a reset', ['81E2110003BF3E03', '02', '80F2000015'], 'unfinished', '9000'],
    ['a function that is unknown', ['81E2910003BF7000'], 'whole', '6A88'],
  ])('says so of %s', async (_, commands, end, sw) => {
    const { card, reader } = await started();
    for (const command of commands) {
      if (command.length === 2) reader.send(command);
      else await reader.ask(command);
    }
    const [first] = await told(card);
    expect(first && brief(first)).toMatchObject({ kind: 'es10', channel: 1, sw, facts: { end } });
  });

  it('tells STORE DATA that is no ES10 as what it is, and any bytes', async () => {
    const { card, reader } = await started();
    // A block in the middle without a beginning; no ISD-R on the channel; wrong P1; not the lengths of a command.
    for (const odd of [
      '81E2910106BF3E035C015A',
      '80E2910006BF3E035C015A',
      '81E2900006BF3E035C015A',
      '81E29100FFBF3E',
      'FFFFFFFF',
    ])
      expect(await reader.ask(odd)).toMatch(/^6/);
    const commands = (await told(card, 5)).map(({ kind, facts }) => [kind, facts['name']]);
    expect(commands).toEqual([
      ['apdu', 'STORE DATA'],
      ['apdu', 'STORE DATA'],
      ['apdu', 'STORE DATA'],
      ['apdu', 'no command'],
      ['apdu', 'no command'],
    ]);
  });

  it('tells FETCH and TERMINAL RESPONSE behind a function that asks for REFRESH', async () => {
    const { card, reader } = await started();
    const eim = new TestEim();
    await reader.ask('8010000003FFFFFF');
    await card.personalise({
      action: 'add-eim',
      parameters: { eimConfigurationData: hex(encode(EimConfigurationData, eim.configuration())) },
    });
    card.clear();
    expect(await reader.es10(hex(eim.psmos([enable(ICCID1)])))).toMatch(/910B$/);
    await reader.ask('801200000B');
    await reader.ask('801400000C810301010482028281830100');
    const commands = await told(card, 3);
    expect(commands.map(({ facts, sw }) => [facts['function'] ?? facts['name'], sw])).toEqual([
      ['BF51', 0x910b],
      ['FETCH', 0x9000],
      ['TERMINAL RESPONSE', 0x9000],
    ]);
    expect(hex(commands[1]?.response ?? new Uint8Array(0))).toBe('D009810301010482028182');
  });

  it('is bounded, and says how much it lost', async () => {
    const { card, reader } = await started();
    const status = '80F2000015';
    for (let n = 0; n < 43; n++) {
      reader.send(...Array.from({ length: 100 }, () => status));
      for (let i = 0; i < 100; i++) await reader.answer();
    }
    const [first] = await told(card);
    expect(Number(first?.facts['lost'])).toBe(4300 - 4096);
    const [second] = await told(card);
    expect(second?.facts['lost']).toBeUndefined();
  });

  it('waits for what comes, until a deadline or the end', async () => {
    const { card, reader } = await started();
    expect(await card.next(1)).toBeUndefined();
    const coming = card.next(5000);
    await reader.es10(GET_EID);
    expect((await coming)?.facts['function']).toBe('BF3E');
    const stop = new AbortController();
    const waiting = card.next(5000, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    await expect(card.next(5000, stop.signal)).rejects.toMatchObject({ code: 'aborted' });
    const [last, none] = [card.next(60_000), card.next(60_000)];
    await card.close();
    expect((await last)?.facts['how']).toBe('pulled');
    expect(await none).toBeUndefined();
  });
});

describe('faults', () => {
  it.each([
    [false, false],
    [true, true],
  ])('give a status word once, with the function run (%s) or not', async (executed, changed) => {
    const { card, reader } = await started();
    card.fault([{ function: 'BF65', sw: '6F00', executed }]);
    const request = 'BF65058003612E62';
    expect(await reader.es10(request)).toBe('6F00');
    const [faulted] = await told(card);
    expect(faulted && brief(faulted)).toMatchObject({ command: request, sw: '6F00', facts: { fault: 'sw' } });
    expect((await addresses(card)).includes('612E62')).toBe(changed);
    expect(await reader.es10(request)).toBe('BF65038001009000');
  });

  it.each([
    ['T=0', 'D1'],
    ['T=1', 'D1'],
  ] as const)('give other data under %s, as long as they are', async (protocol, byte) => {
    const { card, reader } = await started({ euicc: { protocol } });
    const response = bytes(`BF3E8203E8${byte.repeat(1000)}`);
    card.fault([{ function: '*', response, times: 2 }]);
    for (let n = 0; n < 2; n++) expect(await reader.es10(GET_EID, 5)).toBe(`${hex(response)}9000`);
    expect(await reader.es10(GET_EID)).toBe(`BF3E125A10${EID}9000`);
    const commands = (await told(card, 3)).map(brief);
    expect(commands.map(({ facts }) => facts['fault'])).toEqual(['response', 'response', undefined]);
    expect(commands[0]?.response).toBe(hex(response));
  });

  it('are for the function that they name, and gone when they are replaced', async () => {
    const { card, reader } = await started();
    card.fault([{ function: 'bf20', sw: '6A88' }]);
    expect(await reader.es10(GET_EID)).toMatch(/9000$/);
    expect(await reader.es10('BF2000')).toBe('6A88');
    card.fault([{ function: 'BF20', sw: '6A88' }]);
    card.clear();
    expect(await reader.es10('BF2000')).toMatch(/9000$/);
  });

  it('make the card silent, and only for that command', async () => {
    const { card, reader } = await started();
    card.fault([{ function: 'BF3E', sw: 'mute' }]);
    reader.send(`81E2910006${GET_EID}`);
    const [silent] = await told(card);
    expect(silent && brief(silent)).toMatchObject({
      sw: null,
      response: '',
      facts: { fault: 'mute', end: 'whole' },
    });
    expect(silent?.events.at(-1)).toMatchObject({ kind: 'note', text: 'the card does not answer' });
    expect(await reader.es10(GET_EID)).toMatch(/9000$/);
  });

  it('take the card away in the middle of a function that ran, until it is put in again', async () => {
    const { card, reader } = await started();
    const request = 'BF65058003612E62';
    card.fault([{ function: 'BF65', sw: 'removed', executed: true }]);
    reader.send(`81E2910008${request}`);
    await reader.closed;
    const [last, gone] = await told(card, 2);
    expect(last && brief(last)).toMatchObject({ sw: null, facts: { fault: 'removed' } });
    expect(gone && brief(gone)).toMatchObject({ kind: 'removed', facts: { how: 'pulled' } });
    const early = await readerOf(card);
    await early.closed;
    await card.insert();
    const again = await readerOf(card);
    await again.start();
    expect(card.openChannels).toEqual([1]);
    expect(await again.es10('BF3C00')).toContain('612E62');
  });

  it.each([
    [{ function: 'BF5', sw: '6F00' }, 'tag'],
    [{ function: 'BF51' }, 'one answer'],
    [{ function: 'BF51', sw: '6F00', response: new Uint8Array(1) }, 'one answer'],
    [{ function: 'BF51', sw: 'silent' }, 'not an answer'],
    [{ function: 'BF51', sw: '6F00', times: 0 }, 'whole number'],
  ])('are refused where they are none: %j', async (fault, why) => {
    const { card, reader } = await started();
    card.fault([{ function: 'BF3E', sw: '6F00' }]);
    expect(() => card.fault([fault])).toThrow(why);
    expect(() => card.fault([fault])).toThrow(expect.objectContaining({ code: 'card-fault' }));
    expect(await reader.es10(GET_EID)).toBe('6F00');
  });
});

async function addresses(card: OfferedCard): Promise<string> {
  return hex((await card.inspect(bytes('BF3C00'))).data);
}

describe('a card as new', () => {
  it('has nothing of the old one, and what the actions say', async () => {
    const { card, reader } = await started();
    await reader.es10('BF65058003612E62');
    card.fault([{ function: '*', sw: '6F00' }]);
    const eim = new TestEim();
    const eimConfigurationData = hex(encode(EimConfigurationData, eim.configuration()));
    await card.renew([
      { action: 'add-eim', parameters: { eimConfigurationData, counterValue: 9, associationToken: 3 } },
      { action: 'set-default-dp-address', parameters: { address: 'dp.example.com' } },
    ]);
    await reader.closed;
    expect(card.eid).toBe(EID);
    expect(card.openChannels).toEqual([]);
    expect(await card.next(1)).toBeUndefined();
    const again = await readerOf(card);
    await again.start();
    expect(await again.es10('BF3C00')).not.toContain('612E62');
    expect(await again.es10('BF5500')).toContain('830109840103');
  });

  it('is the one that was there when an action fails', async () => {
    const { card, reader } = await started();
    await card.personalise({ action: 'set-default-dp-address', parameters: { address: 'a.b' } });
    await expect(card.renew([{ action: 'fly', parameters: {} }])).rejects.toMatchObject({
      code: 'personalisation-action',
    });
    await expect(card.personalise({ action: 'fly', parameters: {} })).rejects.toMatchObject({
      code: 'personalisation-action',
    });
    expect(await reader.es10('BF3C00')).toContain('612E62');
    expect(await addresses(card)).toContain('612E62');
  });

  it('comes when the slot is free, one after the other, and not after an abort or the end', async () => {
    const { card } = await started();
    await Promise.all([card.renew([]), card.pull(), card.insert(), card.renew([])]);
    const reader = await readerOf(card);
    await reader.start();
    expect(await reader.es10(GET_EID)).toMatch(/9000$/);
    await expect(card.renew([], AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
    await card.close();
    await expect(card.renew([])).rejects.toMatchObject({ code: 'driver-not-open' });
  });
});

describe('the slot', () => {
  it('has one reader: the later one', async () => {
    const { card, reader } = await started();
    const other = await readerOf(card);
    await reader.closed;
    await other.start();
    expect(await other.es10(GET_EID)).toMatch(/9000$/);
  });

  it('says where it can not be', async () => {
    const card = await offered();
    await expect(offerCard({ offer: { kind: 'socket', port: card.port } })).rejects.toMatchObject({
      code: 'card-listener',
    });
    await expect(offerCard({ offer: { kind: 'vpcd', port: 1 } })).rejects.toMatchObject({
      code: 'reader-gone',
      place: 'vpcd 127.0.0.1:1',
    });
  });
});
