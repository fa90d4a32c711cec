/** A buffer that grows towards its front: contents first, then the header that counts them. */
import { integerToBytes } from './primitive.js';
import type { Integer } from './schema.js';
import { lengthSize, tagSize } from './tlv.js';

const utf8 = new TextEncoder();

/** One buffer serves all, since encoding never waits: a fresh one for each message would cost as much as the rest. */
const shared = new Uint8Array(4096);

/** Below this, copying by hand beats the call into `set`. */
const BY_HAND = 24;

export class DerBuffer {
  #buffer = shared;
  #at = shared.length;

  /** A copy of what was written; the DerBuffer must not be used after it, or another one be begun before. */
  result(): Uint8Array {
    return this.#buffer.slice(this.#at);
  }

  /** How many bytes there are; `header` takes it as the place where the content ends. */
  get mark(): number {
    return this.#buffer.length - this.#at;
  }

  #grow(n: number): void {
    const used = this.#buffer.length - this.#at;
    const bigger = new Uint8Array(Math.max(this.#buffer.length * 2, used + n + 64));
    bigger.set(this.#buffer.subarray(this.#at), bigger.length - used);
    this.#at = bigger.length - used;
    this.#buffer = bigger;
  }

  bytes(bytes: Uint8Array): void {
    const n = bytes.length;
    if (this.#at < n) this.#grow(n);
    const at = (this.#at -= n);
    if (n > BY_HAND) this.#buffer.set(bytes, at);
    else for (let i = 0; i < n; i++) this.#buffer[at + i] = bytes[i] as number;
  }

  octet(octet: number): void {
    if (this.#at < 1) this.#grow(1);
    this.#buffer[--this.#at] = octet;
  }

  integer(value: Integer): void {
    if (typeof value === 'number' && value >= -0x80 && value < 0x80) this.octet(value & 0xff);
    else this.bytes(integerToBytes(value));
  }

  /** Writes a text that is plain ASCII; otherwise writes nothing and says false. */
  ascii(text: string): boolean {
    const n = text.length;
    if (this.#at < n) this.#grow(n);
    const at = this.#at - n;
    for (let i = 0; i < n; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      this.#buffer[at + i] = code;
    }
    this.#at = at;
    return true;
  }

  text(text: string): void {
    this.bytes(utf8.encode(text));
  }

  /** Puts tag and length in front of what was written since `mark` bytes were there. */
  header(tag: number, mark: number): void {
    const length = this.mark - mark;
    if (this.#at < 9) this.#grow(9);
    const buffer = this.#buffer;
    let at = this.#at;
    if (length < 0x80) buffer[--at] = length;
    else {
      const size = lengthSize(length);
      for (let i = 1, v = length; i < size; i++, v = Math.floor(v / 256)) buffer[--at] = v & 0xff;
      buffer[--at] = 0x80 | (size - 1);
    }
    if (tag <= 0xff) buffer[--at] = tag;
    else for (let i = tagSize(tag), v = tag; i > 0; i--, v = Math.floor(v / 256)) buffer[--at] = v & 0xff;
    this.#at = at;
  }
}
