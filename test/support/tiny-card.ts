/** A card just big enough to test drivers with: an ISD-R on a channel, ES10c.GetEID, and commands for oddities. */
import type { VirtualCard } from '../../src/simulators/virtual-card.js';

export const ATR_T0 = bytes('3B00');
export const ATR_T1 = bytes('3B800181');
export const TINY_EID = '89049032123451234512345678901235';

/** INS bytes of the card's own commands (CLA 80). */
export const TinyIns = {
  /** Data: 4 bytes big-endian n; answers n bytes 5A. */
  big: 0xe0,
  /** Answers the number of times the card was powered on. */
  powerCount: 0xe4,
} as const;

export interface TinyCardOptions {
  readonly atr?: Uint8Array;
  readonly eid?: string;
  /** Answer to an ES10 request other than GetEID, default: the request itself. */
  readonly es10?: (request: Uint8Array) => Uint8Array;
}

export class TinyCard implements VirtualCard {
  readonly commands: string[] = [];
  powerOns = 0;
  readonly #options: TinyCardOptions;
  #openChannels = new Set<number>();
  #selected = new Set<number>();
  #request: Uint8Array = new Uint8Array(0);
  #waiting: Uint8Array = new Uint8Array(0);

  constructor(options: TinyCardOptions = {}) {
    this.#options = options;
  }

  atr(): Uint8Array {
    return this.#options.atr ?? ATR_T0;
  }

  powerOn(): void {
    this.powerOns += 1;
    this.reset();
  }

  powerOff(): void {
    this.reset();
  }

  reset(): void {
    this.#openChannels = new Set();
    this.#selected = new Set();
    this.#request = new Uint8Array(0);
    this.#waiting = new Uint8Array(0);
  }

  transmit(command: Uint8Array): Uint8Array {
    this.commands.push(Buffer.from(command).toString('hex').toUpperCase());
    const [cla = 0, ins = 0, p1 = 0, p2 = 0, p3 = 0] = command;
    const channel = cla & 0x03;
    const data = command.subarray(5, 5 + p3);
    switch (ins) {
      case 0xaa:
        return bytes('9000');
      case 0x70:
        if (p1 === 0x80) return this.#openChannels.delete(p2) ? bytes('9000') : bytes('6881');
        this.#openChannels.add(1);
        return bytes('019000');
      case 0xa4:
        if (!this.#openChannels.has(channel)) return bytes('6881');
        if (!Buffer.from(data).equals(bytes('A0000005591010FFFFFFFF8900000100'))) return bytes('6A82');
        this.#selected.add(channel);
        return this.#answer(bytes('6F128410A0000005591010FFFFFFFF8900000100'));
      case 0xe2:
        if (!this.#selected.has(channel)) return bytes('6985');
        return this.#storeData(p1, p2, data);
      case 0xc0:
        return this.#getResponse(p3 === 0 ? 256 : p3);
      case TinyIns.big:
        return this.#answer(new Uint8Array(Buffer.from(data).readUInt32BE(0)).fill(0x5a));
      case TinyIns.powerCount:
        return Uint8Array.of(this.powerOns, 0x90, 0x00);
      default:
        return bytes('6D00');
    }
  }

  #storeData(p1: number, p2: number, data: Uint8Array): Uint8Array {
    if (p2 === 0) this.#request = new Uint8Array(0);
    this.#request = Uint8Array.from(Buffer.concat([this.#request, data]));
    if (p1 === 0x11) return bytes('9000');
    const request = this.#request;
    if (Buffer.from(request).equals(bytes('BF3E035C015A'))) {
      return this.#answer(bytes(`BF3E125A10${this.#options.eid ?? TINY_EID}`));
    }
    return this.#answer(this.#options.es10?.(request) ?? request);
  }

  /** T=0 keeps the data for GET RESPONSE; T=1 gives it at once. */
  #answer(data: Uint8Array): Uint8Array {
    if (data.length === 0) return bytes('9000');
    if (Buffer.from(this.atr()).equals(ATR_T1)) return Uint8Array.of(...data, 0x90, 0x00);
    this.#waiting = data;
    return Uint8Array.of(0x61, data.length > 255 ? 0 : data.length);
  }

  #getResponse(length: number): Uint8Array {
    if (this.#waiting.length === 0) return bytes('6F00');
    const part = this.#waiting.subarray(0, length);
    this.#waiting = this.#waiting.subarray(length);
    const left = this.#waiting.length;
    const sw = left === 0 ? [0x90, 0x00] : [0x61, left > 255 ? 0 : left];
    return Uint8Array.of(...part, ...sw);
  }
}

/** Bytes of a hexadecimal string. */
export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
