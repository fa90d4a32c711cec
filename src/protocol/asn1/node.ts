/** The decoded tree: where every element stands in the bytes, and what it is. */
import type { Asn1Type } from './schema.js';
import { tagSize } from './tlv.js';

export class Asn1Node {
  children: Asn1Node[] | undefined = undefined;

  constructor(
    readonly source: Uint8Array,
    readonly start: number,
    readonly contentStart: number,
    readonly end: number,
    readonly tag: number,
    /** Undefined for an element that the type does not know. */
    readonly type: Asn1Type | undefined,
    /** Field or arm name; empty for an element of a list. */
    readonly name: string,
    readonly parent: Asn1Node | undefined,
    /** Place in a list; -1 elsewhere. */
    readonly index: number,
  ) {}

  /** True for an untagged CHOICE: it has no header of its own on the wire, its arm stands in its place. */
  get virtual(): boolean {
    return this.contentStart === this.start && this.type?.kind === 'choice';
  }

  /** Tag and length octets as they came; empty for a virtual node. */
  get header(): Uint8Array {
    return this.source.subarray(this.start, this.contentStart);
  }

  /** How many octets the length took, DER or not. */
  get lengthOctets(): number {
    return this.contentStart - this.start - tagSize(this.tag);
  }

  /** Complete TLV, a view on the source. */
  get raw(): Uint8Array {
    return this.source.subarray(this.start, this.end);
  }

  get content(): Uint8Array {
    return this.source.subarray(this.contentStart, this.end);
  }

  /** `euiccPackageRequest.euiccPackageSigned.psmoList[0].enable` */
  get path(): string {
    return pathOf(this.parent, this.name, this.index);
  }

  /**
   * The node at a path below this one, without this node's own name: `euiccPackageSigned.psmoList[0].enable`.
   * `.0` and `[0]` are the same. Undefined where nothing stands there.
   */
  at(path: string): Asn1Node | undefined {
    return this.#walk(splitPath(path), 0);
  }

  #walk(steps: readonly string[], from: number): Asn1Node | undefined {
    const step = steps[from];
    if (step === undefined) return this;
    const children = this.children ?? [];
    const inList = (children[0]?.index ?? -1) >= 0;
    const child = inList
      ? /^\d+$/.test(step)
        ? children[Number(step)]
        : undefined
      : children.find((c) => c.name === step);
    return child === undefined ? undefined : child.#walk(steps, from + 1);
  }
}

export const splitPath = (path: string): string[] =>
  path
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((s) => s !== '');

export function pathOf(parent: Asn1Node | undefined, name: string, index: number): string {
  const own = index >= 0 ? `[${index}]${name === '' ? '' : `.${name}`}` : name;
  const above = parent === undefined ? '' : parent.path;
  if (above === '') return own;
  return index >= 0 ? above + own : `${above}.${own}`;
}
