import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protocolOfAtr } from '../../../src/protocol/apdu/atr.js';
import { describeApdu, describeStatusWord } from '../../../src/protocol/apdu/describe.js';
import { bytes } from '../../support/tiny-card.js';

describe('describeApdu', () => {
  it.each([
    ['81E2910006BF3E035C015A', 'STORE DATA ch 1 block 0 last, 6 bytes BF3E'],
    ['C0E2110103AABBCC', 'STORE DATA ch 4 block 1, 3 bytes'],
    ['01A4040003A00000', 'SELECT ch 1 AID A00000'],
    ['00A40004023F00', 'SELECT ch 0 3F00'],
    ['0070000001', 'MANAGE CHANNEL open'],
    ['0070000200', 'MANAGE CHANNEL open 2'],
    ['0070800100', 'MANAGE CHANNEL close 1'],
    ['80AA000005A903840101', 'TERMINAL CAPABILITY A903840101'],
    ['01C0000000', 'GET RESPONSE ch 1 256 bytes'],
    ['81F2000C', 'STATUS ch 1'],
    ['8012000010', 'CLA 80 INS 12 P1P2 0000, 5 bytes'],
    ['81E2', 'no C-APDU, 2 bytes'],
  ])('%s is %s', (command, text) => expect(describeApdu(bytes(command))).toBe(text));

  it('gives one line for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (command) => /^[^\n]+$/.test(describeApdu(command))),
    );
  });
});

describe('describeStatusWord', () => {
  it.each([
    [0x9000, '9000 success'],
    [0x6a82, '6A82 file or application not found'],
    [0x6120, '6120 32 bytes waiting'],
    [0x6100, '6100 256 or more bytes waiting'],
    [0x6c05, '6C05 wrong Le, 5 bytes available'],
    [0x910b, '910B success, proactive command of 11 bytes pending'],
    [0x6283, '6283 warning'],
    [0x6999, '6999 error'],
  ])('%i', (sw, text) => expect(describeStatusWord(sw)).toBe(text));
});

describe('protocolOfAtr', () => {
  it.each([
    ['3B00', 'T=0'],
    ['3B800181', 'T=1'],
    ['3B80800101', 'T=1'],
    ['3B9F96801FC78031A073BE21136743200718000001A5', 'T=0'],
    ['3BF0', 'T=0'],
    ['', 'T=0'],
  ])('%s is %s', (atr, protocol) => expect(protocolOfAtr(bytes(atr))).toBe(protocol));

  it('ends for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (atr) => /^T=[01]$/.test(protocolOfAtr(atr))));
  });
});
