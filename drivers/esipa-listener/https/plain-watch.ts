/** The plain text of one connection: the first bytes of the request that is being read, and heads of answers as they were. */
import type { WireWatcher } from '../../eim-https/wire-tap.js';

/** Of what is no HTTP, so much is shown. */
const KEPT = 4096;
const MAX_HEAD = 64 * 1024;
const END_OF_HEAD = '\r\n\r\n';

class Start {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(bytes: Uint8Array): void {
    const room = this.#limit - this.#length;
    if (room <= 0) return;
    const part = Uint8Array.from(bytes.subarray(0, room));
    this.#parts.push(part);
    this.#length += part.length;
  }

  take(): Uint8Array {
    const all = new Uint8Array(Buffer.concat(this.#parts));
    this.#parts = [];
    this.#length = 0;
    return all;
  }
}

export class PlainWatch implements WireWatcher {
  readonly #request = new Start(KEPT);
  readonly #answer = new Start(MAX_HEAD);
  readonly #onBytes: () => void;

  /** @param onBytes something of a request came. */
  constructor(onBytes: () => void) {
    this.#onBytes = onBytes;
  }

  incoming(bytes: Uint8Array): void {
    this.#request.add(bytes);
    this.#onBytes();
  }

  outgoing(bytes: Uint8Array): void {
    this.#answer.add(bytes);
  }

  /** What came since the last call, 4 KiB at most. */
  takeRequest(): Uint8Array {
    return this.#request.take();
  }

  /** The head of what was said since the last call. */
  takeAnswerHead(): string {
    const text = Buffer.from(this.#answer.take()).toString('latin1');
    const end = text.indexOf(END_OF_HEAD);
    return end < 0 ? text : text.slice(0, end);
  }
}
