/** One-line texts for traces. Any bytes are described; none throws. */
import { channelOf } from './class-byte.js';
import { Ins } from './commands.js';
import { hexNumber, hexOf } from './hex-text.js';

/** A C-APDU in one line: `STORE DATA ch 1 block 0 last, 6 bytes BF3E`. */
export function describeApdu(command: Uint8Array): string {
  const [cla, ins, p1, p2, p3] = command;
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined) {
    return `no C-APDU, ${command.length} bytes`;
  }
  const channel = `ch ${channelOf(cla)}`;
  switch (ins) {
    case Ins.SELECT:
      return p1 === 0x04
        ? `SELECT ${channel} AID ${hexOf(command.subarray(5, 5 + (p3 ?? 0)))}`
        : `SELECT ${channel} ${hexOf(command.subarray(5, 5 + (p3 ?? 0)))}`;
    case Ins.MANAGE_CHANNEL:
      if (p1 === 0x80) return `MANAGE CHANNEL close ${p2}`;
      return p2 === 0 ? 'MANAGE CHANNEL open' : `MANAGE CHANNEL open ${p2}`;
    case Ins.TERMINAL_CAPABILITY:
      return `TERMINAL CAPABILITY ${hexOf(command.subarray(5, 5 + (p3 ?? 0)))}`;
    case Ins.GET_RESPONSE:
      return `GET RESPONSE ${channel} ${p3 === 0 || p3 === undefined ? 256 : p3} bytes`;
    case Ins.STATUS:
      return `STATUS ${channel}`;
    case Ins.STORE_DATA: {
      const tag = p2 === 0 && p3 !== undefined && p3 > 0 ? ` ${tagText(command.subarray(5))}` : '';
      return `STORE DATA ${channel} block ${p2}${(p1 & 0x80) === 0 ? '' : ' last'}, ${p3 ?? 0} bytes${tag}`;
    }
    default:
      return `CLA ${hexNumber(cla, 2)} INS ${hexNumber(ins, 2)} P1P2 ${hexNumber(p1, 2)}${hexNumber(p2, 2)}, ${command.length} bytes`;
  }
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  0x9000: 'success',
  0x6700: 'wrong length',
  0x6881: 'logical channel not supported or not open',
  0x6882: 'secure messaging not supported',
  0x6982: 'security status not satisfied',
  0x6985: 'conditions of use not satisfied',
  0x6a80: 'incorrect parameters in the data field',
  0x6a81: 'function not supported',
  0x6a82: 'file or application not found',
  0x6a84: 'not enough memory',
  0x6a86: 'incorrect P1 or P2',
  0x6a88: 'referenced data not found',
  0x6b00: 'wrong P1 or P2',
  0x6d00: 'instruction not supported',
  0x6e00: 'class not supported',
  0x6f00: 'no precise diagnosis',
};

/** A status word in one line: `6A82 file or application not found`. */
export function describeStatusWord(sw: number): string {
  const text = STATUS_TEXTS[sw] ?? rangeText(sw >> 8, sw & 0xff);
  return `${hexNumber(sw, 4)} ${text}`;
}

function rangeText(sw1: number, sw2: number): string {
  const length = sw2 === 0 ? 256 : sw2;
  if (sw1 === 0x61) return sw2 === 0 ? '256 or more bytes waiting' : `${length} bytes waiting`;
  if (sw1 === 0x6c) return `wrong Le, ${length} bytes available`;
  if (sw1 === 0x91) return `success, proactive command of ${length} bytes pending`;
  if (sw1 === 0x62 || sw1 === 0x63) return 'warning';
  return 'error';
}

function tagText(tlv: Uint8Array): string {
  const twoBytes = ((tlv[0] ?? 0) & 0x1f) === 0x1f;
  return hexOf(tlv.subarray(0, twoBytes ? 2 : 1));
}
