/** The child process that holds all client sessions of this process. It starts with the first, and is given up when idle. */
import { HostedConnection } from './connection.js';
import { DtlsError } from './errors.js';
import { DtlsHost, dtlsErrorOf, type SessionEvent } from './host-process.js';
import type { HostClientOptions } from './host-protocol.js';

const IDLE_MS = 10_000;

export interface ConnectRequest {
  readonly options: HostClientOptions;
  readonly keyLog: ((line: string) => void) | undefined;
  readonly resolve: (connection: HostedConnection) => void;
  readonly reject: (error: DtlsError) => void;
}

interface Slot {
  readonly request: ConnectRequest;
  connection?: HostedConnection;
}

/** @see clientPool */
export class ClientPool {
  readonly #onEnd: () => void;
  readonly #slots = new Map<number, Slot>();
  #host: DtlsHost | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextSession = 1;

  /** @param onEnd called when no session can be opened here any more. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  async start(): Promise<void> {
    this.#host = await DtlsHost.start(
      (event) => this.#take(event),
      (error) => this.#end(error),
    );
    this.#rest();
  }

  get pid(): number | undefined {
    return this.#host?.pid;
  }

  /** @returns the function that gives the handshake up. */
  connect(request: ConnectRequest): () => void {
    const session = this.#nextSession++;
    this.#slots.set(session, { request });
    clearTimeout(this.#idle);
    this.#host?.keepAlive(true);
    this.#host?.tell({ kind: 'connect', session, options: request.options });
    return () => this.#host?.tell({ kind: 'close', session });
  }

  /** For a child process that does not answer. */
  kill(error: DtlsError): void {
    this.#host?.kill(error);
  }

  #take(event: SessionEvent): void {
    // Servers have those.
    if (event.kind === 'refused') return;
    const slot = event.session === undefined ? undefined : this.#slots.get(event.session);
    if (slot === undefined || event.session === undefined || this.#host === undefined) return;
    if (event.kind === 'keylog') slot.request.keyLog?.(event.line);
    else if (event.kind === 'opened') {
      slot.connection = new HostedConnection(this.#host, event.session, event);
      slot.request.resolve(slot.connection);
    } else {
      if (event.kind === 'closed') {
        this.#slots.delete(event.session);
        if (slot.connection === undefined) {
          const error = event.error ?? { code: 'dtls-closed', what: 'The handshake was given up' };
          slot.request.reject(dtlsErrorOf(error));
        }
        this.#rest();
      }
      slot.connection?.take(event);
    }
  }

  #rest(): void {
    if (this.#slots.size > 0) return;
    this.#host?.keepAlive(false);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.kill(new DtlsError('dtls-closed', 'The DTLS process was not needed any more'));
    }, IDLE_MS);
    this.#idle.unref();
  }

  #end(error: DtlsError): void {
    clearTimeout(this.#idle);
    this.#onEnd();
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    for (const { connection, request } of slots) {
      if (connection === undefined) request.reject(error);
      else connection.end(error);
    }
  }
}

let current: Promise<ClientPool> | undefined;

/** The pool that runs, or a new one. @throws {DtlsError} `dtls-unavailable`, `dtls-crashed`. */
export function clientPool(): Promise<ClientPool> {
  if (current !== undefined) return current;
  const forget = (): void => {
    if (current === starting) current = undefined;
  };
  const pool = new ClientPool(forget);
  const starting = pool.start().then(() => pool);
  current = starting;
  starting.catch(forget);
  return starting;
}
