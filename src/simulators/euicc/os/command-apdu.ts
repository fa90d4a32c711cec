/** C-APDU of cases 1 to 4 in short form (ISO/IEC 7816-3 12.1). */
import { channelOf } from '../../../protocol/apdu/class-byte.js';
import { Refused, SW } from './status-word.js';

export interface CommandApdu {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
  /** Expected length 1..256; undefined when there is no Le. */
  readonly le: number | undefined;
  readonly channel: number;
  /** `80` and `C0` classes: GlobalPlatform and ETSI commands. */
  readonly proprietary: boolean;
}

/**
 * Extended lengths are refused: the card states 255 bytes in 9F65.
 * @throws {Refused} 6700 for a length that does not fit, 6882 for secure messaging, 6E00 for another class.
 */
export function parseCommand(bytes: Uint8Array): CommandApdu {
  const [cla, ins, p1, p2, p3] = bytes;
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined)
    throw new Refused(SW.wrongLength);
  const rest = bytes.subarray(4);
  const { data, le } = rest.length === 0 ? { data: rest, le: undefined } : bodyOf(rest, p3 ?? 0);
  return { cla, ins, p1, p2, data, le, ...classOf(cla) };
}

function bodyOf(rest: Uint8Array, p3: number): { data: Uint8Array; le: number | undefined } {
  const none = rest.subarray(rest.length);
  if (rest.length === 1) return { data: none, le: p3 === 0 ? 256 : p3 };
  const data = rest.subarray(1, 1 + p3);
  if (p3 > 0 && rest.length === 1 + p3) return { data, le: undefined };
  if (p3 > 0 && rest.length === 2 + p3) return { data, le: rest[1 + p3] === 0 ? 256 : rest[1 + p3] };
  throw new Refused(SW.wrongLength, 'Lc does not fit');
}

function classOf(cla: number): { channel: number; proprietary: boolean } {
  const proprietary = (cla & 0x80) !== 0;
  if ((cla & 0x40) === 0) {
    if ((cla & 0x30) !== 0) throw new Refused(SW.unknownClass);
    if ((cla & 0x0c) !== 0) throw new Refused(SW.secureMessaging);
  } else if ((cla & 0x20) !== 0) throw new Refused(SW.secureMessaging);
  return { channel: channelOf(cla), proprietary };
}
