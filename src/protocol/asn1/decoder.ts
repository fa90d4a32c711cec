/**
 * The walk through a message by its type: strict DER, every deviation named, and on it goes.
 *
 * It runs once for the value. It runs again for the tree of nodes, but only when somebody asks for that
 * (`Decoded.node`): a message costs a tenth of the memory without it.
 */
import { Asn1Node } from './node.js';
import { bitsLeaf, booleanLeaf, integerLeaf, nullLeaf, octetsLeaf, oidLeaf, utf8Leaf } from './leaves.js';
import type { Asn1Type, Field, UnknownElement } from './schema.js';
import { isConstructed, tagName, tlv } from './tlv.js';
import { Walker } from './walker.js';

/** Unknown elements of one SEQUENCE that are kept one by one; neighbours beyond are kept as one stretch. */
const MAX_UNKNOWN = 16;

export class Decoder extends Walker {
  /** The root node of a run with nodes. */
  root: Asn1Node | undefined = undefined;

  /** The value of the element at the first byte; undefined when there is none. */
  run(type: Asn1Type, rootName: string): unknown {
    const { bytes } = this;
    const length = bytes.length;
    this.steps[0] = rootName;
    if (length === 0) {
      this.say('empty', 0, type.tag === undefined ? 'a value' : tagName(type.tag), 'no bytes');
      return undefined;
    }
    if (!this.header(0, length)) return undefined;
    const { tag, contentStart, end } = this.h;
    if (this.withNodes) {
      const virtual = type.kind === 'choice' && type.tag === undefined;
      this.root = new Asn1Node(bytes, 0, virtual ? 0 : contentStart, end, tag, type, rootName, undefined, -1);
      this.node = this.root;
    }
    const value = this.#element(type, type.tag, tag, 0, contentStart, end);
    if (end < length) this.trailing(end, length);
    return value;
  }

  /** Decodes an element that has the tag `found` and should have `tag` (undefined: the arms decide). */
  #element(
    type: Asn1Type,
    tag: number | undefined,
    found: number,
    start: number,
    from: number,
    to: number,
  ): unknown {
    if (tag === undefined) {
      if (type.kind === 'choice') return this.#arm(type, start, to, true);
      return this.view(start, to);
    }
    if (found !== tag) this.say('wrong-tag', start, tagName(tag), tagName(found));
    switch (type.kind) {
      case 'sequence':
        return this.#sequence(type, from, to);
      case 'octets':
        return octetsLeaf(this, type, from, to);
      case 'integer':
        return integerLeaf(this, type, from, to);
      case 'utf8':
        return utf8Leaf(this, type, from, to);
      case 'choice':
        return this.#arm(type, from, to, false);
      case 'sequenceOf':
        return this.#sequenceOf(type, from, to);
      case 'bits':
        return bitsLeaf(this, type, from, to);
      case 'oid':
        return oidLeaf(this, from, to);
      case 'boolean':
        return booleanLeaf(this, from, to);
      case 'null':
        return nullLeaf(this, from, to);
      case 'opaque':
        return this.#opaque(type, found, start, from, to);
      case 'any':
        return this.#explicitAny(from, to);
    }
  }

  /** The arm of a CHOICE in [from, to). `known`: its header was read, and talked about, as the CHOICE's own. */
  #arm(type: Asn1Type, from: number, to: number, known: boolean): unknown {
    if (from >= to) {
      this.say('missing-field', from, `one of ${armNames(type)}`, 'nothing');
      return undefined;
    }
    if (known) this.h.read(this.bytes, from, to);
    else if (!this.header(from, to)) return undefined;
    const { tag, contentStart, end } = this.h;
    this.elements++;
    const index = type.byTag?.get(tag);
    let value: unknown;
    if (index === undefined) {
      if (this.withNodes) this.node = this.descend(from, contentStart, end, tag, undefined, '$unknown', -1);
      this.say('unknown-arm', from, `one of ${armNames(type)}`, tagName(tag));
      value = { $unknown: this.view(from, end) };
    } else {
      const field = (type.fields as readonly Field[])[index] as Field;
      const above = this.withNodes
        ? this.descend(from, isVirtual(field) ? from : contentStart, end, tag, field.type, field.name, -1)
        : undefined;
      this.steps[++this.depth] = field.name;
      // Not as a literal with a computed name: the engine takes that out of its fast path.
      const arm: Record<string, unknown> = {};
      arm[field.name] = this.#element(field.type, field.tag, tag, from, contentStart, end);
      value = arm;
      this.depth--;
      if (above !== undefined) this.node = above;
    }
    if (end < to) this.trailing(end, to);
    return value;
  }

  #sequence(type: Asn1Type, from: number, to: number): Record<string, unknown> {
    const fields = type.fields as readonly Field[];
    const value: Record<string, unknown> = {};
    const below = this.depth + 1;
    if (this.withNodes) (this.node as Asn1Node).children = [];
    let next = 0;
    let mandatory = 0;
    for (let pos = from; pos < to;) {
      if (this.exhausted(pos) || !this.header(pos, to)) break;
      const { tag, contentStart, end } = this.h;
      this.elements++;
      let at = next;
      if (at >= fields.length || (fields[at] as Field).tag !== tag) at = place(type, fields, tag, next);
      if (at < 0) {
        this.#unknown(value, next, tag, pos, contentStart, end);
        pos = end;
        continue;
      }
      const field = fields[at] as Field;
      const above = this.withNodes
        ? this.descend(pos, isVirtual(field) ? pos : contentStart, end, tag, field.type, field.name, -1)
        : undefined;
      this.steps[below] = field.name;
      this.depth = below;
      const again = at < next && this.#misplaced(type, value, field, fields[next - 1] as Field, tag, pos);
      const inner = this.#element(field.type, field.tag, tag, pos, contentStart, end);
      if (!again) {
        value[field.name] = inner;
        if (!field.optional) mandatory++;
        if (field.defaultValue !== undefined && inner === field.defaultValue)
          this.say('default-encoded', pos, 'the DEFAULT value left out', String(inner));
        if (at >= next) next = at + 1;
      }
      this.depth = below - 1;
      if (above !== undefined) this.node = above;
      pos = end;
    }
    if (mandatory < (type.mandatory as number))
      for (const field of fields)
        if (!field.optional && !(field.name in value))
          this.say('missing-field', to, fieldTag(field), 'nothing', field.name);
    return value;
  }

  /** A field that stands behind a later one. True when it was there already. */
  #misplaced(
    type: Asn1Type,
    value: Record<string, unknown>,
    field: Field,
    previous: Field,
    tag: number,
    pos: number,
  ): boolean {
    if (field.name in value) {
      this.say('duplicate-field', pos, 'one', tagName(tag));
      return true;
    }
    if (type.anyOrder !== true) this.say('out-of-order', pos, `before ${previous.name}`, tagName(tag));
    return false;
  }

  #unknown(
    value: Record<string, unknown>,
    before: number,
    tag: number,
    start: number,
    from: number,
    to: number,
  ): void {
    if (this.withNodes) this.node = this.descend(start, from, to, tag, undefined, '$unknown', -1);
    this.say('unknown-element', start, 'a field of the type', `${tagName(tag)} (kept)`);
    const kept = (value['$unknown'] ??= []) as UnknownElement[];
    const last = kept[kept.length - 1];
    if (last !== undefined && kept.length >= MAX_UNKNOWN && last.before === before) {
      const begin = last.bytes.byteOffset - this.bytes.byteOffset;
      if (begin + last.bytes.length === start) {
        kept[kept.length - 1] = { before, bytes: this.view(begin, to) };
        return;
      }
    }
    kept.push({ before, bytes: this.view(start, to) });
  }

  #sequenceOf(type: Asn1Type, from: number, to: number): unknown[] {
    const item = type.item as Field;
    const value: unknown[] = [];
    const below = this.depth + 1;
    const virtual = isVirtual(item);
    if (this.withNodes) (this.node as Asn1Node).children = [];
    for (let pos = from; pos < to;) {
      if (this.exhausted(pos) || !this.header(pos, to)) break;
      const { tag, contentStart, end } = this.h;
      this.elements++;
      const above = this.withNodes
        ? this.descend(pos, virtual ? pos : contentStart, end, tag, item.type, '', value.length)
        : undefined;
      this.steps[below] = value.length;
      this.depth = below;
      value.push(this.#element(item.type, item.tag, tag, pos, contentStart, end));
      this.depth = below - 1;
      if (above !== undefined) this.node = above;
      pos = end;
    }
    return value;
  }

  /** Normalised to the type's own outer tag; a complete TLV nested under an IMPLICIT tag is named. */
  #opaque(type: Asn1Type, found: number, start: number, from: number, to: number): Uint8Array {
    const own = type.tag as number;
    if (found === own) return this.view(start, to);
    const h = this.h;
    if (from < to && h.read(this.bytes, from, to) && h.fault === 'none' && h.tag === own && h.end === to) {
      const expected = `the content of ${type.name} under ${tagName(found)}`;
      this.say('nested-certificate', from, expected, `a whole ${type.name} (${tagName(own)}) inside`);
      return this.view(from, to);
    }
    return tlv(own, this.view(from, to));
  }

  /** An open type under a tag: the tag is explicit, the value is the TLV inside (X.680 31.2.7). */
  #explicitAny(from: number, to: number): Uint8Array {
    if (from >= to) this.say('missing-field', from, 'a value', 'nothing');
    else if (this.header(from, to) && this.h.end < to) this.trailing(this.h.end, to);
    return this.view(from, to);
  }
}

/** No element of its own on the wire. */
const isVirtual = (field: Field): boolean => field.tag === undefined && field.type.kind === 'choice';

/** Which field a tag means: the next in order that has it, else an earlier one (out of order), else -1. */
function place(type: Asn1Type, fields: readonly Field[], tag: number, next: number): number {
  for (let i = next; i < fields.length; i++) {
    const field = fields[i] as Field;
    if (field.tag === tag) return i;
    if (field.tag === undefined && (field.type.kind === 'any' || field.type.byTag?.has(tag) === true))
      return i;
  }
  return type.byTag?.get(tag) ?? -1;
}

const armNames = (type: Asn1Type): string =>
  (type.fields ?? []).map((f) => (f.tag === undefined ? f.name : `${f.name} ${tagName(f.tag)}`)).join(', ');

const fieldTag = (field: Field): string =>
  field.tag === undefined ? field.name : `${tagName(field.tag)}${isConstructed(field.tag) ? ' ...' : ''}`;
