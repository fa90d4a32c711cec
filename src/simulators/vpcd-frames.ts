/** The frames of the virtual PC/SC reader: a 2-byte big-endian length, then that many bytes. */

export const MAX_FRAME = 0xffff;

/** Frames of length 1 that the reader sends; the first three get no answer. */
export const VpcdControl = { powerOff: 0x00, powerOn: 0x01, reset: 0x02, atr: 0x04 } as const;

/** @throws RangeError above 65535 bytes. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_FRAME) throw new RangeError(`${payload.length} bytes do not fit a frame`);
  const frame = new Uint8Array(2 + payload.length);
  frame.set([payload.length >> 8, payload.length & 0xff]);
  frame.set(payload, 2);
  return frame;
}

/**
 * Puts frames together from chunks that are split or joined at will. It holds at most one unfinished frame
 * (65537 bytes): whatever is complete leaves at once.
 */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array(0);

  /** Returns the payloads that `chunk` completes, each a copy of its own. */
  push(chunk: Uint8Array): Uint8Array[] {
    const bytes = this.#rest.length === 0 ? chunk : Uint8Array.from(Buffer.concat([this.#rest, chunk]));
    const payloads: Uint8Array[] = [];
    let offset = 0;
    for (;;) {
      const [high, low] = bytes.subarray(offset, offset + 2);
      if (high === undefined || low === undefined) break;
      const end = offset + 2 + ((high << 8) | low);
      if (end > bytes.length) break;
      payloads.push(Uint8Array.from(bytes.subarray(offset + 2, end)));
      offset = end;
    }
    this.#rest = Uint8Array.from(bytes.subarray(offset));
    return payloads;
  }

  /** Bytes held back for a frame that is not complete. */
  get pending(): number {
    return this.#rest.length;
  }
}
