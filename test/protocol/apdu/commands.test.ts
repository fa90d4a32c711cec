import { describe, expect, it } from 'vitest';
import { channelOf, interindustryClass, proprietaryClass } from '../../../src/protocol/apdu/class-byte.js';
import {
  getResponse,
  ISD_R_AID,
  manageChannelClose,
  manageChannelOpen,
  select,
  SelectReturn,
  status,
  storeDataBlocks,
  terminalCapability,
} from '../../../src/protocol/apdu/commands.js';
import { hexOf } from '../../../src/protocol/apdu/hex-text.js';
import { bytes } from '../../support/tiny-card.js';

describe('class byte', () => {
  it.each([
    [0, '00', '80'],
    [1, '01', '81'],
    [3, '03', '83'],
    [4, '40', 'C0'],
    [5, '41', 'C1'],
    [19, '4F', 'CF'],
  ])('codes channel %i as %s and %s', (channel, interindustry, proprietary) => {
    expect(hexOf(Uint8Array.of(interindustryClass(channel), proprietaryClass(channel)))).toBe(
      interindustry + proprietary,
    );
    expect(channelOf(interindustryClass(channel))).toBe(channel);
    expect(channelOf(proprietaryClass(channel))).toBe(channel);
  });

  it.each([-1, 20, 1.5])('refuses channel %d', (channel) => {
    expect(() => proprietaryClass(channel)).toThrow(RangeError);
  });
});

describe('builders', () => {
  it('make the commands recorded from IPAds', () => {
    expect(hexOf(select(ISD_R_AID, { channel: 1, p2: SelectReturn.fcp }))).toBe(
      '01A4040410A0000005591010FFFFFFFF8900000100',
    );
    expect(hexOf(manageChannelOpen())).toBe('0070000001');
    expect(hexOf(manageChannelOpen(1))).toBe('0070000100');
    expect(hexOf(manageChannelClose(1))).toBe('0070800100');
    expect(hexOf(terminalCapability(bytes('A903830107')))).toBe('80AA000005A903830107');
    expect(hexOf(terminalCapability())).toBe('80AA000005A903840101');
    expect(hexOf(getResponse(1, 33))).toBe('01C0000021');
    expect(hexOf(getResponse(5, 256))).toBe('41C0000000');
    expect(hexOf(status({ channel: 1 }))).toBe('81F2000C');
    expect(hexOf(status({ p2: 0 }))).toBe('80F2000000');
  });
});

describe('storeDataBlocks', () => {
  it('makes one block of a short request', () => {
    expect(storeDataBlocks(bytes('BF3E035C015A'), 1).map(hexOf)).toEqual(['81E2910006BF3E035C015A']);
  });

  it.each([
    [255, 255, ['81E29100FF']],
    [300, 255, ['81E21100FF', '81E291012D']],
    [240, 120, ['81E2110078', '81E2910178']],
    [15, 7, ['81E2110007', '81E2110107', '81E2910201']],
    [0, 255, ['81E2910000']],
  ])('cuts %i bytes at %i', (length, blockSize, headers) => {
    const data = Uint8Array.from({ length }, (_, index) => index & 0xff);
    const blocks = storeDataBlocks(data, 1, blockSize);
    expect(blocks.map((block) => hexOf(block.subarray(0, 5)))).toEqual(headers);
    expect(Buffer.concat(blocks.map((block) => block.subarray(5)))).toEqual(Buffer.from(data));
  });

  it('fills 256 blocks and refuses a 257th', () => {
    expect(storeDataBlocks(new Uint8Array(65_280), 19)).toHaveLength(256);
    expect(hexOf(storeDataBlocks(new Uint8Array(65_280), 19)[255]!.subarray(0, 5))).toBe('CFE291FFFF');
    expect(() => storeDataBlocks(new Uint8Array(65_281), 1)).toThrow(
      expect.objectContaining({ code: 'es10-request-too-long' }),
    );
  });

  it.each([0, 256, 1.5])('refuses block size %d', (blockSize) => {
    expect(() => storeDataBlocks(new Uint8Array(1), 1, blockSize)).toThrow(RangeError);
  });
});
