/** BER/DER tag and length octets (X.690 8.1.2, 8.1.3), bounded in every direction. */

/** What is odd about a header. `none` when it is plain DER. */
export type HeaderFault =
  | 'none'
  | 'truncated'
  | 'tag-too-long'
  | 'non-minimal-tag'
  | 'indefinite-length'
  | 'length-too-long'
  | 'non-minimal-length'
  | 'overrun';

/**
 * A reusable header: `read` fills it in place, so that walking a message allocates nothing.
 * After `overrun` the `end` is clipped to the limit; after any other hard fault `ok` is false.
 */
export class TlvHeader {
  tag = 0;
  start = 0;
  contentStart = 0;
  end = 0;
  /** Length as written, even when it overruns. */
  length = 0;
  fault: HeaderFault = 'none';
  ok = false;

  /** Reads the header at `pos`; nothing at or behind `limit` is touched. */
  read(bytes: Uint8Array, pos: number, limit: number): boolean {
    this.start = pos;
    // Nearly every header has two octets.
    if (pos + 1 < limit) {
      const tag = bytes[pos] as number;
      const length = bytes[pos + 1] as number;
      const end = pos + 2 + length;
      if ((tag & 0x1f) !== 0x1f && length < 0x80 && end <= limit) {
        this.tag = tag;
        this.length = length;
        this.contentStart = pos + 2;
        this.end = end;
        this.fault = 'none';
        this.ok = true;
        return true;
      }
    }
    return this.#readAny(bytes, pos, limit);
  }

  #readAny(bytes: Uint8Array, pos: number, limit: number): boolean {
    this.fault = 'none';
    this.ok = false;
    this.tag = 0;
    this.length = 0;
    this.contentStart = pos;
    this.end = limit;
    if (pos >= limit) return this.#fail('truncated');
    let tag = bytes[pos++] as number;
    if ((tag & 0x1f) === 0x1f) {
      let octet: number;
      let count = 0;
      do {
        if (pos >= limit) return this.#fail('truncated');
        octet = bytes[pos++] as number;
        if (count === 0 && octet === 0x80) this.fault = 'non-minimal-tag';
        if (++count > 3) return this.#fail('tag-too-long');
        tag = tag * 256 + octet;
      } while (octet & 0x80);
      if (count === 1 && octet < 0x1f) this.fault = 'non-minimal-tag';
    }
    this.tag = tag;
    if (pos >= limit) return this.#fail('truncated');
    let length = bytes[pos++] as number;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0) return this.#fail('indefinite-length');
      if (octets > 4) return this.#fail('length-too-long');
      if (pos + octets > limit) return this.#fail('truncated');
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[pos++] as number);
      if (length < 0x80 || (octets > 1 && length < 2 ** (8 * (octets - 1))))
        this.fault = 'non-minimal-length';
    }
    this.length = length;
    this.contentStart = pos;
    if (length > limit - pos) {
      this.fault = 'overrun';
      this.end = limit;
    } else {
      this.end = pos + length;
    }
    this.ok = true;
    return true;
  }

  #fail(fault: HeaderFault): false {
    this.fault = fault;
    return false;
  }
}

/** True for a constructed tag (bit 6 of the first octet). */
export const isConstructed = (tag: number): boolean => (firstOctet(tag) & 0x20) !== 0;

export function firstOctet(tag: number): number {
  while (tag > 0xff) tag = Math.floor(tag / 256);
  return tag;
}

export const tagSize = (tag: number): number => (tag > 0xffffff ? 4 : tag > 0xffff ? 3 : tag > 0xff ? 2 : 1);

export const lengthSize = (length: number): number =>
  length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : length < 0x1000000 ? 4 : 5;

/** Tag as it is written in the specifications: `BF51`, `5F37`, `A0`. */
export const tagName = (tag: number): string => {
  const hex = tag.toString(16).toUpperCase();
  return hex.length % 2 === 0 ? hex : `0${hex}`;
};

/** Splits `bytes` into the TLVs at the top level; stops at the first byte that is no TLV. Never throws. */
export function topLevel(bytes: Uint8Array): { tag: number; raw: Uint8Array; content: Uint8Array }[] {
  const header = new TlvHeader();
  const found: { tag: number; raw: Uint8Array; content: Uint8Array }[] = [];
  let pos = 0;
  while (pos < bytes.length && header.read(bytes, pos, bytes.length) && header.fault !== 'overrun') {
    found.push({
      tag: header.tag,
      raw: bytes.subarray(pos, header.end),
      content: bytes.subarray(header.contentStart, header.end),
    });
    pos = header.end;
  }
  return found;
}

/** One TLV from a tag and its content. */
export function tlv(tag: number, content: Uint8Array): Uint8Array {
  const t = tagSize(tag);
  const l = lengthSize(content.length);
  const out = new Uint8Array(t + l + content.length);
  for (let i = 0, v = tag; i < t; i++, v = Math.floor(v / 256)) out[t - 1 - i] = v & 0xff;
  writeLength(out, t, content.length, l);
  out.set(content, t + l);
  return out;
}

/** `BF51`-style tag and length in front of `length` content bytes, in at least `octets` length octets. */
export function headerBytes(tag: number, length: number, octets = 1): Uint8Array {
  const t = tagSize(tag);
  const l = Math.max(lengthSize(length), octets);
  const out = new Uint8Array(t + l);
  for (let i = 0, v = tag; i < t; i++, v = Math.floor(v / 256)) out[t - 1 - i] = v & 0xff;
  writeLength(out, t, length, l);
  return out;
}

function writeLength(out: Uint8Array, at: number, length: number, size: number): void {
  if (size === 1) out[at] = length;
  else {
    out[at] = 0x80 | (size - 1);
    for (let i = size - 1, v = length; i > 0; i--, v = Math.floor(v / 256)) out[at + i] = v & 0xff;
  }
}
