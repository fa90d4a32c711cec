/** Builders of the C-APDUs that carry ES10 (SGP.22 5.7.2, ETSI TS 102 221, GlobalPlatform 11). None appends Le. */
import { Sgp33Error } from '../errors.js';
import { interindustryClass, proprietaryClass } from './class-byte.js';

/** AID of the ISD-R (SGP.02 Annex H); some products answer under another, so drivers take it as an option. */
export const ISD_R_AID = Uint8Array.from(Buffer.from('A0000005591010FFFFFFFF8900000100', 'hex'));

/** The TERMINAL CAPABILITY template of a device with an IPAd: A9 { 84 01 01 } (ETSI TS 102 221 11.1.19). */
export const TERMINAL_CAPABILITY_IPAD = Uint8Array.from([0xa9, 0x03, 0x84, 0x01, 0x01]);

export const MAX_BLOCK_SIZE = 255;
export const MAX_BLOCKS = 256;

export const Ins = {
  MANAGE_CHANNEL: 0x70,
  SELECT: 0xa4,
  TERMINAL_CAPABILITY: 0xaa,
  GET_RESPONSE: 0xc0,
  STORE_DATA: 0xe2,
  STATUS: 0xf2,
} as const;

/** P2 of SELECT: what the card is asked to return. */
export const SelectReturn = { fci: 0x00, fcp: 0x04, none: 0x0c } as const;

/**
 * SELECT by AID.
 * @param aid 1 to 16 bytes by ISO 7816-4; up to 255 are let through, for tests.
 */
export function select(
  aid: Uint8Array,
  { channel = 0, p2 = SelectReturn.fci }: { channel?: number; p2?: number } = {},
): Uint8Array {
  return withData(interindustryClass(channel), Ins.SELECT, 0x04, p2, aid);
}

/** MANAGE CHANNEL open; without a channel the card assigns one and answers its number (1 byte). */
export function manageChannelOpen(channel?: number): Uint8Array {
  if (channel === undefined) return Uint8Array.of(0x00, Ins.MANAGE_CHANNEL, 0x00, 0x00, 0x01);
  interindustryClass(channel);
  return Uint8Array.of(0x00, Ins.MANAGE_CHANNEL, 0x00, channel, 0x00);
}

/** MANAGE CHANNEL close of the channel named in P2, sent on the basic channel. */
export function manageChannelClose(channel: number): Uint8Array {
  interindustryClass(channel);
  return Uint8Array.of(0x00, Ins.MANAGE_CHANNEL, 0x80, channel, 0x00);
}

/** TERMINAL CAPABILITY on the basic channel with the whole template A9. */
export function terminalCapability(template: Uint8Array = TERMINAL_CAPABILITY_IPAD): Uint8Array {
  return withData(0x80, Ins.TERMINAL_CAPABILITY, 0x00, 0x00, template);
}

/**
 * Cuts one ES10 request TLV into STORE DATA commands: P1 `11` while more blocks follow and `91` on the last,
 * P2 the block number from 00 (SGP.22 5.7.2). Empty data makes one block without data.
 * @param channel 0 to 19
 * @param blockSize 1 to 255 bytes
 * @throws {Sgp33Error} `es10-request-too-long` when more than 256 blocks are needed; RangeError for a block size.
 */
export function storeDataBlocks(data: Uint8Array, channel: number, blockSize = MAX_BLOCK_SIZE): Uint8Array[] {
  if (!Number.isInteger(blockSize) || blockSize < 1 || blockSize > MAX_BLOCK_SIZE) {
    throw new RangeError(`STORE DATA block size ${blockSize} is not between 1 and ${MAX_BLOCK_SIZE}`);
  }
  const count = Math.max(1, Math.ceil(data.length / blockSize));
  if (count > MAX_BLOCKS) {
    throw new Sgp33Error('es10-request-too-long', 'The ES10 request does not fit STORE DATA', {
      expected: `at most ${MAX_BLOCKS} blocks of ${blockSize} bytes`,
      actual: `${data.length} bytes, ${count} blocks`,
      repair: 'Use a greater block size, or a shorter request.',
    });
  }
  const cla = proprietaryClass(channel);
  return Array.from({ length: count }, (_, block) =>
    withData(
      cla,
      Ins.STORE_DATA,
      block === count - 1 ? 0x91 : 0x11,
      block,
      data.subarray(block * blockSize, (block + 1) * blockSize),
    ),
  );
}

/** GET RESPONSE for `length` bytes, 1 to 256. */
export function getResponse(channel: number, length: number): Uint8Array {
  return Uint8Array.of(interindustryClass(channel), Ins.GET_RESPONSE, 0x00, 0x00, length & 0xff);
}

/** STATUS of the current application (ETSI TS 102 221 11.1.2); P2 `0C` asks for no data. */
export function status({ channel = 0, p1 = 0x00, p2 = 0x0c } = {}): Uint8Array {
  const header = [proprietaryClass(channel), Ins.STATUS, p1, p2];
  return Uint8Array.from(p2 === 0x0c ? header : [...header, 0x00]);
}

function withData(cla: number, ins: number, p1: number, p2: number, data: Uint8Array): Uint8Array {
  if (data.length > 255) throw new RangeError(`${data.length} bytes do not fit a short C-APDU`);
  const command = new Uint8Array(5 + data.length);
  command.set([cla, ins, p1, p2, data.length]);
  command.set(data, 5);
  return command;
}
