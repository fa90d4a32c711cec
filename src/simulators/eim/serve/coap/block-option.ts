/** The Block options of a message, read and replaced (RFC 7959 2.2). */
import { OPTION_NUMBERS, type CoapMessage } from '../../../../transport/coap/index.js';

export interface BlockParts {
  readonly num: number;
  readonly more: boolean;
  /** Size exponent, 0 to 7. */
  readonly szx: number;
}

export function blockIn(message: CoapMessage, name: 'Block1' | 'Block2'): BlockParts | undefined {
  const value = message.options.find(({ number }) => number === OPTION_NUMBERS[name])?.value;
  if (value === undefined || value.length > 3) return undefined;
  const all = value.reduce((sum, byte) => sum * 256 + byte, 0);
  return { num: all >> 4, more: (all & 8) !== 0, szx: all & 7 };
}

export function withBlock(message: CoapMessage, name: 'Block1' | 'Block2', block: BlockParts): CoapMessage {
  const all = block.num * 16 + (block.more ? 8 : 0) + block.szx;
  const bytes = [all >> 16, (all >> 8) & 0xff, all & 0xff];
  // Leading zeros are left out (RFC 7252 3.2).
  while (bytes[0] === 0) bytes.shift();
  const value = Uint8Array.from(bytes);
  return {
    ...message,
    options: message.options.map((one) => (one.number === OPTION_NUMBERS[name] ? { ...one, value } : one)),
  };
}
