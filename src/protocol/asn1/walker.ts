/** What a walk through a message needs at every element: headers, limits, and the node that it stands in. */
import { Asn1Node } from './node.js';
import { Reporter } from './reporter.js';
import type { Asn1Type } from './schema.js';
import { TlvHeader } from './tlv.js';

export interface DecodeLimits {
  /** Elements after which a message is given up (`too-many-elements`). */
  readonly maxElements: number;
  readonly maxFindings: number;
}

export abstract class Walker extends Reporter {
  protected readonly h = new TlvHeader();
  protected elements = 0;
  /** The node above, while a tree is built. */
  protected node: Asn1Node | undefined = undefined;
  readonly #maxElements: number;

  constructor(
    bytes: Uint8Array,
    limits: DecodeLimits,
    readonly withNodes: boolean,
  ) {
    super(bytes, limits.maxFindings);
    this.#maxElements = limits.maxElements;
  }

  /** Reads a header into `h` and reports what is wrong with it. False when nothing can be read here. */
  protected header(pos: number, limit: number): boolean {
    const h = this.h;
    h.read(this.bytes, pos, limit);
    if (h.fault === 'none') return true;
    const actual =
      h.fault === 'overrun'
        ? `length ${h.length}, but ${limit - h.contentStart} bytes are left`
        : this.preview(pos, limit);
    this.say(h.fault, pos, 'a definite, minimal DER header within its parent', actual);
    return h.ok;
  }

  protected trailing(from: number, to: number): void {
    this.say('trailing-bytes', from, 'nothing', `${to - from} bytes (${this.preview(from, to)})`);
  }

  /** Puts a node under the present one and steps into it; the caller steps back with `node = ` what this returns. */
  protected descend(
    start: number,
    contentStart: number,
    end: number,
    tag: number,
    type: Asn1Type | undefined,
    name: string,
    index: number,
  ): Asn1Node {
    const above = this.node as Asn1Node;
    const node = new Asn1Node(this.bytes, start, contentStart, end, tag, type, name, above, index);
    (above.children ??= []).push(node);
    this.node = node;
    return above;
  }

  protected exhausted(pos: number): boolean {
    if (this.elements < this.#maxElements) return false;
    this.say('too-many-elements', pos, `at most ${this.#maxElements}`, 'more');
    return true;
  }
}
