/** The bytes of HTTP on one connection: heads as they were, and how much was read. */
import type { WireWatcher } from './wire-tap.js';

const END_OF_HEAD = '\r\n\r\n';
/** Longer heads are cut in traces; an answer's limit is the parser's. */
const MAX_HEAD = 64 * 1024;

class Head {
  #parts: string[] = [];
  #length = 0;
  #done = false;

  add(bytes: Uint8Array): void {
    if (this.#done) return;
    const room = MAX_HEAD - this.#length;
    this.#parts.push(Buffer.from(bytes.subarray(0, room)).toString('latin1'));
    this.#length += Math.min(bytes.length, room);
    const text = this.#parts.join('');
    const end = text.indexOf(END_OF_HEAD);
    if (end >= 0 || this.#length >= MAX_HEAD) this.#done = true;
    this.#parts = [end >= 0 ? text.slice(0, end) : text];
  }

  get text(): string {
    return this.#parts.join('');
  }
}

export class HttpWire implements WireWatcher {
  readonly #binary: boolean;
  #request = new Head();
  #response = new Head();
  /** Since `begin`. */
  bytesIn = 0;

  /** @param binary HTTP/2, which has no text. */
  constructor(binary: boolean) {
    this.#binary = binary;
  }

  /** A new request begins. */
  begin(): void {
    this.#request = new Head();
    this.#response = new Head();
    this.bytesIn = 0;
  }

  incoming(bytes: Uint8Array): void {
    this.bytesIn += bytes.length;
    if (!this.#binary) this.#response.add(bytes);
  }

  outgoing(bytes: Uint8Array): void {
    if (!this.#binary) this.#request.add(bytes);
  }

  /** Without the empty line; empty for HTTP/2. */
  get requestHead(): string {
    return this.#request.text;
  }
  get responseHead(): string {
    return this.#response.text;
  }

  /** `1.1`; undefined when what came does not begin like HTTP. */
  get version(): string | undefined {
    return this.#binary ? '2' : /^HTTP\/(\d\.\d) /.exec(this.#response.text.slice(0, 16))?.[1];
  }
}
