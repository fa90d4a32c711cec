import { describe, expect, it } from 'vitest';
import { protocolOfAtr } from '../../../src/protocol/apdu/atr.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';
import { clean, EID, hex, ICCID1, ISD_R, started, Terminal } from './terminal.js';
import { FciTemplate } from '../../../src/protocol/types/fci.js';

const GET_EID = 'BF3E035C015A';

describe.each(['T=0', 'T=1'] as const)('the personality of %s', (protocol) => {
  it('has an ATR of that protocol alone, with a valid check byte and the eUICC functions announced', () => {
    const atr = createEuicc({ protocol }).atr();
    expect(protocolOfAtr(atr)).toBe(protocol);
    expect(atr.slice(1).reduce((sum, byte) => sum ^ byte, 0)).toBe(0);
    expect(hex(atr)).toMatch(/^3B9F96.*C78280/);
  });

  it('gives the FCI of the ISD-R with both templates', () => {
    const terminal = new Terminal(createEuicc({ protocol }), protocol);
    const fci = terminal.start();
    expect(hex(fci)).toBe(`6F248410${ISD_R}A5049F6501FFE0058203020500E103800100`);
    clean(FciTemplate, fci);
  });

  it('answers GetEID', () => {
    expect(started({ protocol }).ask(GET_EID)).toBe(`BF3E125A10${EID}`);
  });

  it('returns an answer of more than 256 bytes, whatever the block size of the request', () => {
    const terminal = started({ protocol });
    const whole = terminal.ask('BF5600');
    expect(whole.length / 2).toBeGreaterThan(512);
    for (const size of [1, 2, 7, 120]) expect(hex(terminal.es10(`BF5600`, size).data)).toBe(whole);
  });
});

describe('T=0', () => {
  it('holds every answer for GET RESPONSE and corrects Le', () => {
    const terminal = started();
    expect(terminal.send(`81E2910006${GET_EID}`)).toEqual({ data: new Uint8Array(0), sw: '6115' });
    expect(terminal.send('01C0000000').sw).toBe('6C15');
    expect(terminal.send('01C0000010').sw).toBe('6105');
    expect(terminal.send('81C0000005').sw).toBe('9000');
    expect(terminal.send('01C0000001').sw).toBe('6985');
    expect(terminal.send(`81E2910006${GET_EID}00`).sw).toBe('6115');
    expect(terminal.send('00A4000C022FE2').sw).toBe('9000');
    expect(terminal.send('00B0000000').sw).toBe('6C0A');
    expect(hex(terminal.send('00B000000A').data)).toBe('F'.repeat(20));
    expect(terminal.send('00B000080A').sw).toBe('6C02');
  });
});

describe('T=1', () => {
  it('gives data at once, 256 bytes at most', () => {
    const terminal = started({ protocol: 'T=1' });
    expect(terminal.send(`81E2910006${GET_EID}00`).sw).toBe('9000');
    expect(terminal.send(`81E2910006${GET_EID}`).sw).toBe('6115');
    const first = terminal.send('81E2910003BF560000');
    expect(first.data.length).toBe(256);
    expect(first.sw).toBe('6100');
  });
});

describe('logical channels', () => {
  it('opens, names, closes, and refuses what is not there', () => {
    const terminal = started();
    expect(hex(terminal.send('0070000001').data)).toBe('02');
    expect(terminal.send('0070000300').sw).toBe('9000');
    expect(terminal.send('0070000001').sw).toBe('6A81');
    expect(terminal.send('0070000300').sw).toBe('6A81');
    expect(terminal.send('0070800200').sw).toBe('9000');
    expect(terminal.send('0070800200').sw).toBe('6881');
    expect(terminal.send('0070800000').sw).toBe('6A81');
    expect(terminal.send(`82E2910006${GET_EID}`).sw).toBe('6881');
    expect(terminal.send(`C0E2910006${GET_EID}`).sw).toBe('6881');
  });

  it('does not carry the selection over to another channel or a new one', () => {
    const terminal = started();
    terminal.send('0070800100');
    expect(hex(terminal.send('0070000001').data)).toBe('01');
    expect(terminal.es10(GET_EID).sw).toBe('6985');
    expect(terminal.exchange(`01A4040410${ISD_R}`).sw).toBe('9000');
    expect(terminal.es10(GET_EID).sw).toBe('9000');
    expect(terminal.send(`80E2910006${GET_EID}`).sw).toBe('6985');
  });

  it('refuses another AID and keeps the selection', () => {
    const terminal = started();
    expect(terminal.send('01A4040010A0000005591010FFFFFFFF8900000101').sw).toBe('6A82');
    expect(terminal.send('01A4040005A000000559').sw).toBe('6A82');
    expect(terminal.es10(GET_EID).sw).toBe('9000');
  });
});

describe('STORE DATA', () => {
  it('checks P1, block numbers and lengths', () => {
    const terminal = started();
    expect(terminal.send('81E2900006BF3E035C015A').sw).toBe('6A86');
    expect(terminal.send('81E2910106BF3E035C015A').sw).toBe('6985');
    expect(terminal.send('81E2110003BF3E03').sw).toBe('9000');
    expect(terminal.send('81E29102035C015A').sw).toBe('6A86');
    expect(terminal.send('81E29101035C015A').sw).toBe('6985');
    expect(terminal.send('81E2110002BF20').sw).toBe('9000');
    expect(terminal.es10(GET_EID, 3).sw).toBe('9000');
    expect(terminal.send('81E2910000').sw).toBe('6700');
  });

  it('takes 256 blocks of 255 bytes and no more', () => {
    const terminal = started();
    const block = 'FF'.repeat(255);
    for (let n = 0; n < 256; n++)
      expect(terminal.send(`81E211${n.toString(16).padStart(2, '0')}FF${block}`).sw).toBe('9000');
    expect(terminal.send(`81E2910101FF`).sw).toBe('6A86');
  });

  it('refuses malformed and unknown requests', () => {
    const terminal = started();
    const refused: [string, string][] = [
      ['BF3E00', '6A80'],
      ['BF3E035C015B', '6A80'],
      ['BF3E035C01', '6A80'],
      ['BF2000FF', '6A80'],
      ['BF208100', '6A80'],
      ['BF4400', '6A88'],
      ['BF3600', '6985'],
      ['30', '6A80'],
    ];
    for (const [request, sw] of refused) expect([request, terminal.es10(request).sw]).toEqual([request, sw]);
  });
});

describe('other commands', () => {
  it.each([
    ['00CA005A00', '6D00'],
    ['00E2910006BF3E035C015A', '6E00'],
    ['80A4040000', '6E00'],
    ['04A4040000', '6882'],
    ['10A4040000', '6E00'],
    ['00A40400', '6A82'],
    ['00A4010000', '6A86'],
    ['80AA000003830107', '6A80'],
    ['80AA000000', '6A80'],
    ['80AA00000AA9088100820101830107', '9000'],
    ['80120000FF', '6985'],
    ['0070050000', '6A86'],
    ['00A40000023F01', '6A82'],
    ['00A40004023F', '6700'],
    ['00A4040000000A', '6700'],
    ['00', '6700'],
    ['', '6700'],
  ])('%s is answered %s', (command, sw) => {
    expect(started().send(command).sw).toBe(sw);
  });

  it('reads EF_DIR and EF_ICCID of the enabled Profile', () => {
    const terminal = started();
    terminal.card.applyPersonalisation('set-profile-state', {
      iccid: '8929901012345678905',
      state: 'enabled',
    });
    terminal.exchange('00A40004022FE2');
    expect(hex(terminal.send('00B000000A').data)).toBe(ICCID1);
    terminal.exchange('00A40804043F002F00');
    expect(hex(terminal.exchange('00B2010426').data)).toMatch(/^61124F10A0000000871002/);
    expect(terminal.send('00B2020426').sw).toBe('6A83');
  });
});
