import { DtlsError } from './errors.js';
import { dtlsErrorOf, type DtlsHost, type SessionEvent } from './host-process.js';
import type { Address } from './host-protocol.js';
import type { DtlsConnection, DtlsFacts } from './types.js';

/** Messages kept for a listener that is not there yet. */
const MAX_WAITING = 256;
/** RFC 6347 4.1: the plaintext of a record. */
const MAX_MESSAGE = 16_384;

/** The parent's end of one session. */
export class HostedConnection implements DtlsConnection {
  readonly facts: DtlsFacts;
  readonly remote: Address;
  readonly #host: DtlsHost;
  readonly #session: number;
  readonly #waiting: Uint8Array[] = [];
  #onMessage: ((data: Uint8Array) => void) | undefined;
  #onClose: ((error?: DtlsError) => void)[] = [];
  #over: { readonly error: DtlsError | undefined } | undefined;

  constructor(host: DtlsHost, session: number, opened: Extract<SessionEvent, { kind: 'opened' }>) {
    this.#host = host;
    this.#session = session;
    this.facts = opened.facts;
    this.remote = opened.remote;
  }

  async send(data: Uint8Array): Promise<void> {
    this.#checkOpen();
    if (data.length === 0 || data.length > MAX_MESSAGE) {
      throw new DtlsError('dtls-configuration', 'A message does not fit one DTLS record', {
        expected: `1 to ${MAX_MESSAGE} bytes`,
        actual: `${data.length} bytes`,
      });
    }
    await this.#host.ask({ kind: 'send', session: this.#session, data });
  }

  onMessage(cb: (data: Uint8Array) => void): void {
    this.#onMessage = cb;
    for (const data of this.#waiting.splice(0)) cb(data);
  }

  onClose(cb: (error?: DtlsError) => void): void {
    const over = this.#over;
    if (over === undefined) this.#onClose.push(cb);
    else queueMicrotask(() => cb(over.error));
  }

  async replayLastRecord(): Promise<void> {
    this.#checkOpen();
    await this.#host.ask({ kind: 'replay', session: this.#session });
  }

  async close(): Promise<void> {
    if (this.#over !== undefined) return;
    const over = new Promise<void>((resolve) => this.onClose(() => resolve()));
    this.#host.tell({ kind: 'close', session: this.#session });
    await over;
  }

  /** What the child process tells of this session. */
  take(event: SessionEvent): void {
    if (event.kind === 'closed') this.end(event.error === undefined ? undefined : dtlsErrorOf(event.error));
    else if (event.kind === 'message') {
      if (this.#onMessage !== undefined) this.#onMessage(event.data);
      else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(event.data);
    }
  }

  end(error: DtlsError | undefined): void {
    if (this.#over !== undefined) return;
    this.#over = { error };
    const listeners = this.#onClose;
    this.#onClose = [];
    for (const listener of listeners) listener(error);
  }

  #checkOpen(): void {
    if (this.#over === undefined) return;
    // A crash keeps its name; whatever else ended the session, it is closed now.
    if (this.#over.error?.code === 'dtls-crashed') throw this.#over.error;
    throw new DtlsError('dtls-closed', 'The DTLS session is over', {
      ...(this.#over.error === undefined ? {} : { cause: this.#over.error }),
    });
  }
}
