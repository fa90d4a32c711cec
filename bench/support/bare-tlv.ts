/**
 * The least that any decoder must do: split DER into a tree of tags and offsets, and write it again. It knows no
 * types, checks nothing but bounds and makes no values; the codec is measured against it.
 */
export interface Tlv {
  readonly tag: number;
  readonly from: number;
  readonly to: number;
  readonly children: Tlv[] | undefined;
  /** Content length when it is written again. */
  size: number;
}

export function walk(bytes: Uint8Array, from = 0, to = bytes.length): Tlv[] {
  const found: Tlv[] = [];
  for (let pos = from; pos < to;) {
    const first = bytes[pos++] as number;
    let tag = first;
    if ((first & 0x1f) === 0x1f) {
      let octet: number;
      do {
        octet = bytes[pos++] as number;
        tag = tag * 256 + octet;
      } while (octet & 0x80 && pos < to);
    }
    let length = bytes[pos++] as number;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[pos++] as number);
    }
    const end = pos + length;
    if (!(end <= to)) throw new RangeError('overrun');
    found.push({
      tag,
      from: pos,
      to: end,
      children: first & 0x20 ? walk(bytes, pos, end) : undefined,
      size: 0,
    });
    pos = end;
  }
  return found;
}

const tagSize = (tag: number): number => (tag > 0xffff ? 3 : tag > 0xff ? 2 : 1);
const lengthSize = (n: number): number => (n < 0x80 ? 1 : n < 0x100 ? 2 : n < 0x10000 ? 3 : 4);

/** Back to bytes; two passes, sizes first. */
export function write(bytes: Uint8Array, tlvs: readonly Tlv[]): Uint8Array {
  let total = 0;
  for (const tlv of tlvs) total += measure(tlv);
  const out = new Uint8Array(total);
  let at = 0;
  for (const tlv of tlvs) at = put(bytes, tlv, out, at);
  return out;
}

function measure(tlv: Tlv): number {
  let size = tlv.to - tlv.from;
  if (tlv.children !== undefined) {
    size = 0;
    for (const child of tlv.children) size += measure(child);
  }
  tlv.size = size;
  return tagSize(tlv.tag) + lengthSize(size) + size;
}

function put(bytes: Uint8Array, tlv: Tlv, out: Uint8Array, at: number): number {
  for (let i = tagSize(tlv.tag) - 1; i >= 0; i--) out[at++] = (tlv.tag >>> (8 * i)) & 0xff;
  const { size } = tlv;
  const octets = lengthSize(size) - 1;
  if (octets === 0) out[at++] = size;
  else {
    out[at++] = 0x80 | octets;
    for (let i = octets - 1; i >= 0; i--) out[at++] = (size >>> (8 * i)) & 0xff;
  }
  if (tlv.children !== undefined) {
    for (const child of tlv.children) at = put(bytes, child, out, at);
    return at;
  }
  if (size > 24) out.set(bytes.subarray(tlv.from, tlv.to), at);
  else for (let i = 0; i < size; i++) out[at + i] = bytes[tlv.from + i] as number;
  return at + size;
}
