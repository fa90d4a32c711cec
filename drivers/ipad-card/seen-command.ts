/** A C-APDU of the device as it is told: any bytes have a name and facts. */
import { bytesToHex } from '../../src/protocol/asn1/index.js';
import { channelOf } from '../../src/protocol/apdu/class-byte.js';
import { parseCommand } from '../../src/simulators/euicc/os/command-apdu.js';
import type { FactMap } from '../eim-contract.js';

export interface SeenCommand {
  readonly bytes: Uint8Array;
  /** -1 where there are less than four bytes. */
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly channel: number;
  readonly data: Uint8Array;
  /** 1 to 256; undefined: no Le. */
  readonly le: number | undefined;
  /** Class and lengths are those of a command. */
  readonly valid: boolean;
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x10, 'TERMINAL PROFILE'],
  [0x12, 'FETCH'],
  [0x14, 'TERMINAL RESPONSE'],
  [0x70, 'MANAGE CHANNEL'],
  [0xa4, 'SELECT'],
  [0xaa, 'TERMINAL CAPABILITY'],
  [0xb0, 'READ BINARY'],
  [0xb2, 'READ RECORD'],
  [0xc0, 'GET RESPONSE'],
  [0xe2, 'STORE DATA'],
  [0xf2, 'STATUS'],
]);

export function seeCommand(bytes: Uint8Array): SeenCommand {
  const [cla, ins = -1, p1 = 0, p2 = 0] = bytes;
  if (cla === undefined || bytes.length < 4)
    return { bytes, ins: -1, p1, p2, channel: 0, data: bytes.subarray(4), le: undefined, valid: false };
  try {
    const { channel, data, le } = parseCommand(bytes);
    return { bytes, ins, p1, p2, channel, data, le, valid: true };
  } catch {
    return {
      bytes,
      ins,
      p1,
      p2,
      channel: channelOf(cla),
      data: bytes.subarray(5),
      le: undefined,
      valid: false,
    };
  }
}

export function factsOf({ bytes, ins, data, valid }: SeenCommand): FactMap {
  const hex = (at: number): string => bytesToHex(bytes.subarray(at, at + 1));
  return {
    cla: hex(0),
    ins: hex(1),
    p1: hex(2),
    p2: hex(3),
    data: bytesToHex(data),
    name: valid ? (NAMES.get(ins) ?? 'other') : 'no command',
  };
}
