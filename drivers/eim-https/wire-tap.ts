/** A stream around another one that shows what goes through it. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

export interface WireWatcher {
  incoming(bytes: Uint8Array): void;
  outgoing(bytes: Uint8Array): void;
}

export class WireTap extends Duplex {
  readonly #inner: Duplex;
  readonly #watcher: WireWatcher;
  readonly #bottom: Socket | undefined;

  /** @param bottom the TCP socket that `ref` and `unref` are for. */
  constructor(inner: Duplex, watcher: WireWatcher, bottom?: Socket) {
    super({ allowHalfOpen: true });
    this.#inner = inner;
    this.#bottom = bottom;
    this.#watcher = watcher;
    inner.on('data', (chunk: Buffer) => {
      watcher.incoming(chunk);
      if (!this.push(chunk)) inner.pause();
    });
    inner.on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => {
      // What was read and not taken yet is still delivered when the end was a proper one.
      if (!inner.readableEnded) this.destroy();
    });
  }

  ref(): this {
    this.#bottom?.ref();
    return this;
  }

  /** An idle connection keeps no process alive. */
  unref(): this {
    this.#bottom?.unref();
    return this;
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#watcher.outgoing(chunk);
    this.#inner.write(chunk, callback);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#inner.end(() => callback());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#inner.destroy();
    callback(error);
  }
}
