/** A client's session in the child process, with a UDP socket of its own. */
import type { Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { HostFailure, hostErrorOf, systemError } from './host-error.js';
import type { HostClientOptions, HostError, HostEvent } from './host-protocol.js';
import { HostSession } from './host-session.js';
import { hostAndPort, openSocket, resolveHost } from './host-socket.js';
import { clientContext, type OpenSslHost } from './openssl-context.js';
import { cString } from './openssl.js';
import { KeptSessions } from './kept-sessions.js';

const SSL_CTRL_SET_TLSEXT_HOSTNAME = 55;
/** Of all clients of this process that want to resume. */
const kept = new KeptSessions();

export class HostClient {
  readonly id: number;
  readonly #host: OpenSslHost;
  readonly #options: HostClientOptions;
  readonly #emit: (event: HostEvent) => void;
  readonly #deadline: NodeJS.Timeout;
  #socket: Socket | undefined;
  #session: HostSession | undefined;
  #received = 0;
  #over = false;

  constructor(host: OpenSslHost, id: number, options: HostClientOptions, emit: (event: HostEvent) => void) {
    this.#host = host;
    this.id = id;
    this.#options = options;
    this.#emit = emit;
    this.#deadline = setTimeout(() => this.#late(), options.handshakeTimeoutMs);
    void this.#connect().catch((error: unknown) => this.#end(hostErrorOf(error)));
  }

  get over(): boolean {
    return this.#over;
  }
  get session(): HostSession | undefined {
    return this.#session;
  }

  /** With close_notify when the session is open. */
  close(): void {
    this.#session?.close();
    this.#end();
  }

  async #connect(): Promise<void> {
    const { host, port } = this.#options;
    let remote;
    try {
      remote = await resolveHost(host);
    } catch (error) {
      throw new HostFailure(systemError('dtls-handshake', 'The host has no address', error));
    }
    if (this.#over) return;
    const session = this.#makeSession();
    this.#session = session;
    const socket = openSocket(remote);
    this.#socket = socket;
    socket.on('error', (error) => this.#broken(error));
    socket.on('message', (datagram) => {
      this.#received++;
      session.receive(datagram);
    });
    await new Promise<void>((resolve) => {
      socket.once('connect', resolve);
      socket.connect(port, remote.address);
    });
    if (session.over) return;
    session.start({
      transmit: (datagram) =>
        socket.send(datagram, (error) => {
          if (error !== null) this.#broken(error);
        }),
      opened: () => {
        clearTimeout(this.#deadline);
        if (this.#options.resume) kept.keep(this.#host.ssl, this.#place, session.pointer);
        const { address, port: remotePort } = socket.remoteAddress();
        this.#emit({
          kind: 'opened',
          session: this.id,
          facts: session.facts(),
          remote: { address, port: remotePort },
        });
      },
      message: (data) => this.#emit({ kind: 'message', session: this.id, data }),
      ended: (error) => this.#end(error),
    });
  }

  #makeSession(): HostSession {
    const host = this.#host;
    const { ssl } = host;
    const { psk, trust, mtu, keyLog, indication, expectedName } = this.#options;
    const context = clientContext(host, this.#options);
    const session = new HostSession({
      host,
      context,
      role: 'client',
      trust,
      mtu,
      answers: {
        clientPsk: psk,
        ...(keyLog ? { keyLog: (line) => this.#emit({ kind: 'keylog', session: this.id, line }) } : {}),
      },
    });
    // The session holds it from now on.
    ssl.SSL_CTX_free(context);
    if (indication !== null) {
      ssl.SSL_ctrl(session.pointer, SSL_CTRL_SET_TLSEXT_HOSTNAME, 0, cString(indication));
    }
    if (isIP(expectedName) === 0) ssl.SSL_set1_host(session.pointer, expectedName);
    else ssl.X509_VERIFY_PARAM_set1_ip_asc(ssl.SSL_get0_param(session.pointer), expectedName);
    if (this.#options.resume) kept.offer(ssl, this.#place, session.pointer);
    return session;
  }

  get #place(): string {
    const { host, port, expectedName } = this.#options;
    return `${hostAndPort(host, port)} ${expectedName}`;
  }

  #late(): void {
    const error: HostError = {
      code: 'dtls-timeout',
      what: 'The DTLS handshake did not end in time',
      expected: `within ${this.#options.handshakeTimeoutMs} ms`,
      actual: this.#received === 0 ? 'no answer at all' : `${this.#received} datagrams, no end`,
      facts: this.#session?.facts(),
    };
    this.#session?.abandon(error);
    this.#end(error);
  }

  /** The port is closed (ICMP), or there is no way there. */
  #broken(cause: Error): void {
    const session = this.#session;
    const error = session?.open
      ? systemError('dtls-closed', 'The peer is gone', cause)
      : { ...systemError('dtls-handshake', 'The peer cannot be reached', cause), facts: session?.facts() };
    session?.abandon(error);
    this.#end(error);
  }

  #end(error?: HostError): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#deadline);
    // A close_notify may still be on its way out: node closes behind it.
    const socket = this.#socket;
    if (socket !== undefined) closeAfterSending(socket);
    this.#session?.abandon();
    const place = hostAndPort(this.#options.host, this.#options.port);
    this.#emit({ kind: 'closed', session: this.id, error: error && { ...error, place } });
  }
}

/** dgram forgets what waits for the loop's next turn when a socket is closed. */
function closeAfterSending(socket: Socket): void {
  setImmediate(() => socket.close());
}
