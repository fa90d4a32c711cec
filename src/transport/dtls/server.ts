import { whyUnavailable } from './available.js';
import { HostedConnection } from './connection.js';
import { DtlsError } from './errors.js';
import { type DtlsHost, dtlsErrorOf, type SessionEvent } from './host-process.js';
import type { Address, HostServerOptions } from './host-protocol.js';
import { prepareServer } from './prepare.js';
import { keepForNext, withHost } from './spare-hosts.js';
import type { DtlsConnection, DtlsServer, DtlsServerOptions, DtlsServerStats } from './types.js';

/** For a child process that hangs. */
const STOP_DEADLINE_MS = 2000;

/**
 * Serves DTLS 1.2 (RFC 6347) in a child process of its own. A ClientHello is answered with a HelloVerifyRequest, whose
 * cookie is bound to the peer's address and port, and nothing is kept of it. A handshake that stops in the middle
 * is forgotten after 30 seconds, or earlier when its place is needed.
 * @param onSession called for each finished handshake.
 * @throws {DtlsError} `dtls-configuration` (an address in use has its `systemCode`), `dtls-unavailable`,
 *   `dtls-crashed`; `dtls-closed` when the signal fired before the server was up.
 */
export async function serveDtls(
  o: DtlsServerOptions,
  onSession: (c: DtlsConnection) => void,
): Promise<DtlsServer> {
  const options = prepareServer(o);
  const reason = whyUnavailable();
  if (reason !== undefined)
    throw new DtlsError('dtls-unavailable', 'DTLS is not possible here', { actual: reason });
  const server = new HostedServer(onSession, o);
  const { signal } = o;
  const onAbort = (): void => void server.close();
  server.onClose(() => signal?.removeEventListener('abort', onAbort));
  try {
    await server.start(options);
    if (signal?.aborted === true) {
      throw new DtlsError('dtls-closed', 'The server was aborted', { cause: signal.reason });
    }
  } catch (error) {
    await server.close();
    throw error;
  }
  signal?.addEventListener('abort', onAbort, { once: true });
  return server;
}

class HostedServer implements DtlsServer {
  readonly #onSession: (connection: DtlsConnection) => void;
  readonly #options: DtlsServerOptions;
  readonly #connections = new Map<number, HostedConnection>();
  #host: DtlsHost | undefined;
  #bound: Address = { address: '', port: 0 };
  #closing: Promise<void> | undefined;
  #over: { readonly error: DtlsError | undefined } | undefined;
  #onClose: ((error?: DtlsError) => void)[] = [];

  constructor(onSession: (connection: DtlsConnection) => void, options: DtlsServerOptions) {
    this.#onSession = onSession;
    this.#options = options;
  }

  get address(): string {
    return this.#bound.address;
  }
  get port(): number {
    return this.#bound.port;
  }

  async start(options: HostServerOptions): Promise<void> {
    const serve = async (host: DtlsHost): Promise<Address> =>
      (await host.ask({ kind: 'serve', options })) as Address;
    [this.#host, this.#bound] = await withHost(
      serve,
      (event) => this.#take(event),
      (error) => this.#end(error),
    );
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#stop());
  }

  onClose(cb: (error?: DtlsError) => void): void {
    const over = this.#over;
    if (over === undefined) this.#onClose.push(cb);
    else queueMicrotask(() => cb(over.error));
  }

  async reconfigure(options: Omit<DtlsServerOptions, 'host' | 'port'>): Promise<void> {
    const { host, port, keyLog } = this.#options;
    const prepared = prepareServer({ ...options, host, port, ...(keyLog === undefined ? {} : { keyLog }) });
    if (this.#host === undefined) throw closed();
    await this.#host.ask({ kind: 'reconfigure', options: prepared });
  }

  async stats(): Promise<DtlsServerStats> {
    if (this.#host === undefined) throw closed();
    return (await this.#host.ask({ kind: 'stats' })) as DtlsServerStats;
  }

  async #stop(): Promise<void> {
    const host = this.#host;
    const timer = setTimeout(() => host?.kill(closed()), STOP_DEADLINE_MS);
    try {
      await host?.ask({ kind: 'stop' });
    } catch {
      // It is gone already, or was killed for its silence.
    }
    clearTimeout(timer);
    this.#host = undefined;
    this.#end(undefined);
    if (host !== undefined) keepForNext(host);
  }

  #take(event: SessionEvent): void {
    if (event.kind === 'keylog') return this.#options.keyLog?.(event.line);
    if (event.kind === 'refused') return this.#refused(event);
    if (event.kind === 'opened') {
      if (this.#host === undefined) return;
      const connection = new HostedConnection(this.#host, event.session, event);
      this.#connections.set(event.session, connection);
      return this.#onSession(connection);
    }
    const connection = this.#connections.get(event.session);
    if (event.kind === 'closed') this.#connections.delete(event.session);
    connection?.take(event);
  }

  #refused({ facts, remote, error }: Extract<SessionEvent, { kind: 'refused' }>): void {
    if (this.#closing !== undefined) return;
    this.#options.onRefused?.({ facts, remote, error: error && dtlsErrorOf(error) });
  }

  /** `error`: why the child process is gone. */
  #end(error: DtlsError | undefined): void {
    if (this.#over !== undefined) return;
    const reason = this.#closing === undefined ? error : undefined;
    this.#over = { error: reason };
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    for (const connection of connections) connection.end(reason);
    const listeners = this.#onClose;
    this.#onClose = [];
    for (const listener of listeners) listener(reason);
  }
}

function closed(): DtlsError {
  return new DtlsError('dtls-closed', 'The DTLS server is closed');
}
