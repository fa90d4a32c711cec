/**
 * Messages that are wrong on purpose. A mutation names an element by its ASN.1 path; the lengths of all elements
 * around it stay right, so that exactly one thing is wrong.
 */
import { Sgp33Error } from '../errors.js';
import { decode } from './decode.js';
import { splitPath, type Asn1Node } from './node.js';
import type { Asn1Type } from './schema.js';
import { concat } from './primitive.js';
import { TlvHeader, headerBytes, lengthSize } from './tlv.js';

export type Mutation =
  /** Inverts one bit of the content (default: the lowest of the last octet). */
  | { readonly op: 'flipBit'; readonly path: string; readonly bit?: number }
  | { readonly op: 'replaceTag'; readonly path: string; readonly tag: number }
  | { readonly op: 'replaceContent'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly op: 'drop'; readonly path: string }
  | { readonly op: 'duplicate'; readonly path: string }
  /** Puts raw bytes behind the element's content, inside it. */
  | { readonly op: 'append'; readonly path: string; readonly bytes: Uint8Array }
  /** Puts raw bytes behind the element. */
  | { readonly op: 'insertAfter'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly op: 'swap'; readonly path: string; readonly other: string }
  /** Writes length octets that claim `by` more (or fewer) bytes than there are; what stands around is not adjusted. */
  | { readonly op: 'wrongLength'; readonly path: string; readonly by: number }
  /** The same length in one octet more than DER allows. */
  | { readonly op: 'nonMinimalLength'; readonly path: string }
  /** Cuts bytes off the end of the content; the lengths are adjusted. */
  | { readonly op: 'truncate'; readonly path: string; readonly by: number };

interface Part {
  name: string;
  index: number;
  tag: number;
  content: Uint8Array | undefined;
  children: Part[];
  /** No element of its own on the wire (untagged CHOICE). */
  virtual: boolean;
  lengthBy: number;
  /** At least so many length octets. */
  lengthOctets: number;
  tail: Uint8Array;
  behind: Uint8Array;
}

const NONE = new Uint8Array(0);

/**
 * Applies mutations in order to an encoded value of `type`. Paths start below the root, without its name; the empty
 * path is the root. @throws {Sgp33Error} `mutation-path` where a path names nothing.
 */
export function mutate(type: Asn1Type, bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  if (mutations.length === 0) return bytes;
  const { node } = decode(type, bytes, { maxElements: Infinity, maxFindings: 0 });
  if (node === undefined) throw new Sgp33Error('mutation-path', 'nothing to mutate', { place: type.name });
  const root = partOf(node);
  for (const m of mutations) apply(root, m);
  return concat([serialise(root), bytes.subarray(node.end)]);
}

function partOf(node: Asn1Node): Part {
  const h = new TlvHeader();
  h.read(node.source, node.start, node.source.length);
  return {
    name: node.name,
    index: node.index,
    tag: node.tag,
    content: node.children === undefined ? node.content : undefined,
    children: partsIn(node),
    virtual: node.virtual,
    // An input that is wrong already stays so: its headers keep their form, and a length that lies goes on lying.
    lengthBy: node.virtual ? 0 : h.length - (node.end - node.contentStart),
    lengthOctets: node.virtual ? 0 : node.lengthOctets,
    tail: NONE,
    behind: NONE,
  };
}

/** The children, with the bytes between and behind them that the decoder could make nothing of. */
function partsIn(node: Asn1Node): Part[] {
  const parts: Part[] = [];
  let pos = node.contentStart;
  for (const child of node.children ?? []) {
    if (child.start > pos) parts.push(loose(node.source.subarray(pos, child.start)));
    parts.push(partOf(child));
    pos = child.end;
  }
  if (node.children !== undefined && pos < node.end) parts.push(loose(node.source.subarray(pos, node.end)));
  return parts;
}

const loose = (bytes: Uint8Array): Part => ({
  name: '$loose',
  index: -1,
  tag: 0,
  content: bytes,
  children: [],
  virtual: true,
  lengthBy: 0,
  lengthOctets: 0,
  tail: NONE,
  behind: NONE,
});

function find(root: Part, path: string): { part: Part; parent: Part | undefined } {
  let parent: Part | undefined;
  let part = root;
  for (const step of splitPath(path)) {
    const next = part.children.find((c) => (c.index >= 0 ? String(c.index) === step : c.name === step));
    if (next === undefined)
      throw new Sgp33Error('mutation-path', 'no element of that name to deviate', {
        place: path,
        expected:
          part.children.map((c) => (c.index >= 0 ? String(c.index) : c.name)).join(', ') || 'no children',
        actual: step,
      });
    parent = part;
    part = next;
  }
  return { part, parent };
}

function apply(root: Part, m: Mutation): void {
  const { part, parent } = find(root, m.path);
  const siblings = parent?.children;
  const place = siblings?.indexOf(part) ?? -1;
  switch (m.op) {
    case 'flipBit': {
      const content = Uint8Array.from(contentOf(part));
      const bit = m.bit ?? 8 * content.length - 1;
      if (bit < 0 || bit >= 8 * content.length)
        throw new Sgp33Error('mutation-path', `bit ${bit} is not in the element`, { place: m.path });
      content[bit >> 3] = (content[bit >> 3] as number) ^ (0x80 >> (bit & 7));
      setContent(part, content);
      return;
    }
    case 'replaceTag':
      part.tag = m.tag;
      return;
    case 'replaceContent':
      setContent(part, m.bytes);
      return;
    case 'truncate': {
      const content = contentOf(part);
      setContent(part, content.slice(0, Math.max(0, content.length - m.by)));
      return;
    }
    case 'append':
      part.tail = concat([part.tail, m.bytes]);
      return;
    case 'insertAfter':
      part.behind = concat([part.behind, m.bytes]);
      return;
    case 'wrongLength':
      part.lengthBy += m.by;
      return;
    case 'nonMinimalLength':
      part.lengthOctets = Math.max(part.lengthOctets, lengthSize(serialiseContent(part).length)) + 1;
      return;
    case 'drop':
    case 'duplicate':
      if (siblings === undefined)
        throw new Sgp33Error(
          'mutation-path',
          `the root can not be ${m.op === 'drop' ? 'dropped' : 'doubled'}`,
          { place: m.path },
        );
      if (m.op === 'drop') siblings.splice(place, 1);
      else siblings.splice(place, 0, part);
      return;
    case 'swap': {
      const other = find(root, m.other);
      const from = other.parent?.children;
      if (siblings === undefined || from === undefined)
        throw new Sgp33Error('mutation-path', 'the root can not be swapped', { place: m.path });
      const there = from.indexOf(other.part);
      siblings[place] = other.part;
      from[there] = part;
    }
  }
}

function setContent(part: Part, content: Uint8Array): void {
  const target = part.virtual ? (part.children[0] ?? part) : part;
  target.content = content;
  target.children = [];
}

const contentOf = (part: Part): Uint8Array =>
  part.virtual ? contentOf(part.children[0] as Part) : (part.content ?? concat(part.children.map(serialise)));

const serialiseContent = (part: Part): Uint8Array =>
  concat([part.content ?? concat(part.children.map(serialise)), part.tail]);

function serialise(part: Part): Uint8Array {
  const inner = serialiseContent(part);
  if (part.virtual) return concat([inner, part.behind]);
  const length = Math.max(0, inner.length + part.lengthBy);
  return concat([headerBytes(part.tag, length, part.lengthOctets), inner, part.behind]);
}
