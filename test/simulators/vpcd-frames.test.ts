import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader } from '../../src/simulators/vpcd-frames.js';

describe('vpcd frames', () => {
  it('puts together frames however they are split and joined', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (payloads, sizes) => {
          const stream = Buffer.concat(payloads.map(encodeFrame));
          const reader = new FrameReader();
          const got: Uint8Array[] = [];
          for (let offset = 0, turn = 0; offset < stream.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            got.push(...reader.push(stream.subarray(offset, offset + size)));
            offset += size;
          }
          expect(got).toEqual(payloads);
          expect(reader.pending).toBe(0);
        },
      ),
    );
  });

  it('holds back one unfinished frame at most', () => {
    const reader = new FrameReader();
    const longest = encodeFrame(new Uint8Array(65_535));
    expect(reader.push(longest.subarray(0, 65_536))).toEqual([]);
    expect(reader.pending).toBe(65_536);
    expect(reader.push(Uint8Array.of(0, 0, 1)).map((payload) => payload.length)).toEqual([65_535]);
    expect(reader.pending).toBe(2);
  });

  it('refuses a payload that the length can not name', () => {
    expect(() => encodeFrame(new Uint8Array(65_536))).toThrow(RangeError);
  });
});
