/** Back to bytes from the tree of nodes: what was decoded, octet for octet, with or without changed leaves. */
import type { Decoded } from './decode.js';
import type { Asn1Node } from './node.js';
import { concat } from './primitive.js';
import { TlvHeader, headerBytes } from './tlv.js';

/**
 * The bytes that were decoded, put together again from the nodes; equal to the input for any input, DER or not:
 * every header keeps its form (tag octets, number of length octets, a length that lies), and bytes that belong to no
 * node stay where they are.
 *
 * `contents` replaces contents octets of nodes; the lengths around them are adjusted by the difference.
 */
export function reencode(
  decoded: Decoded<unknown>,
  contents: ReadonlyMap<Asn1Node, Uint8Array> = new Map(),
): Uint8Array {
  const { bytes, node } = decoded;
  if (node === undefined) return bytes.slice();
  return concat([...render(node, contents), bytes.subarray(node.end)]);
}

function render(node: Asn1Node, contents: ReadonlyMap<Asn1Node, Uint8Array>): Uint8Array[] {
  const inner = inside(node, contents);
  if (node.virtual) return inner;
  const length = inner.reduce((sum, part) => sum + part.length, 0);
  const grown = length - (node.end - node.contentStart);
  return [grown === 0 ? node.header : resized(node, grown), ...inner];
}

function inside(node: Asn1Node, contents: ReadonlyMap<Asn1Node, Uint8Array>): Uint8Array[] {
  const replaced = contents.get(node);
  if (replaced !== undefined) return [replaced];
  const parts: Uint8Array[] = [];
  let pos = node.contentStart;
  for (const child of node.children ?? []) {
    if (child.start > pos) parts.push(node.source.subarray(pos, child.start));
    for (const part of render(child, contents)) parts.push(part);
    pos = child.end;
  }
  if (pos < node.end) parts.push(node.source.subarray(pos, node.end));
  return parts;
}

/** The same form of header for a content that is `grown` bytes longer. */
function resized(node: Asn1Node, grown: number): Uint8Array {
  const h = new TlvHeader();
  h.read(node.source, node.start, node.source.length);
  return headerBytes(node.tag, Math.max(0, h.length + grown), node.lengthOctets);
}
