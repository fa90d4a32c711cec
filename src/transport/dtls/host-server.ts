/** A server in the child process: one UDP socket, sessions by the address and port of the peer. */
import type { RemoteInfo, Socket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { HostFailure, systemError } from './host-error.js';
import type { Address, HostError, HostEvent, HostServerOptions } from './host-protocol.js';
import { HandshakeSigns } from './host-facts.js';
import { HostSession, MAX_DATAGRAM, type SessionHooks } from './host-session.js';
import { hostAndPort, openSocket, resolveHost, type ResolvedHost } from './host-socket.js';
import { serverContext, type OpenSslHost } from './openssl-context.js';
import type { Pointer } from './openssl.js';
import { clientHelloBody, clientHelloRandom } from './records.js';

/** A client that stops in the middle of a handshake is forgotten after that. */
const HALF_OPEN_MS = 30_000;
const SWEEP_MS = 5000;
/** OpenSSL may buffer about 200 KB for a client in the handshake. */
const MAX_HALF_OPEN = 256;
/** A session that was silent for so long makes room for a new one when all places are taken. */
const IDLE_MS = 60_000;
/** The port of a server that was killed is free as soon as its child process has noticed. */
const BIND_ATTEMPTS = 20;
const BIND_PAUSE_MS = 50;
const MTU = 1200;
/** Peers of a silent server that are remembered. */
const MAX_UNANSWERED = 1000;

/** Of a session, over all servers of the process: what is said to one of an earlier server reaches no other. */
let nextId = 1;

interface Entry {
  readonly id: number;
  readonly peer: string;
  readonly session: HostSession;
  /** Of the ClientHello that it began with. */
  readonly random: string;
  readonly since: number;
  lastSeen: number;
}

export class HostServer {
  readonly #host: OpenSslHost;
  #options: HostServerOptions;
  readonly #emit: (event: HostEvent) => void;
  #context: Pointer;
  /** OpenSSL wants a place for the peer's address, which memory BIOs do not know. */
  readonly #noAddress: Pointer;
  readonly #byPeer = new Map<string, Entry>();
  readonly #byId = new Map<number, Entry>();
  readonly #sweeper: NodeJS.Timeout;
  #socket: Socket | undefined;
  /** Answers hellos without a cookie, until one has it: then it is that client's. */
  #greeter: HostSession | undefined;
  /** Of a silent server: the last hello of each peer. */
  readonly #unanswered = new Map<string, string>();

  /** @throws {HostFailure} `dtls-configuration`. */
  constructor(host: OpenSslHost, options: HostServerOptions, emit: (event: HostEvent) => void) {
    this.#host = host;
    this.#options = options;
    this.#emit = emit;
    this.#context = serverContext(host, options);
    this.#noAddress = host.ssl.BIO_ADDR_new();
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** @throws {HostFailure} `dtls-configuration` with the system's code (`EADDRINUSE`). */
  async bind(): Promise<Address> {
    const { host, port } = this.#options;
    try {
      const local = await resolveHost(host);
      const socket = await bindSocket(local, port);
      this.#socket = socket;
      // A peer that is gone (ICMP) is that session's trouble; its timers see to it.
      socket.on('error', () => {});
      socket.on('message', (datagram, from) => this.#receive(datagram, from));
      const bound = socket.address();
      return { address: bound.address, port: bound.port };
    } catch (error) {
      throw new HostFailure(
        systemError('dtls-configuration', `The address ${hostAndPort(host, port)} cannot be served`, error),
      );
    }
  }

  /**
   * Ends all sessions with close_notify. The address is not looked at.
   * @throws {HostFailure} `dtls-configuration`: nothing was changed.
   */
  reconfigure(options: HostServerOptions): void {
    const context = serverContext(this.#host, options);
    this.#greeter?.abandon();
    this.#greeter = undefined;
    for (const { session } of [...this.#byId.values()]) session.close();
    this.#host.ssl.SSL_CTX_free(this.#context);
    this.#context = context;
    this.#options = options;
    this.#unanswered.clear();
  }

  session(id: number): HostSession | undefined {
    return this.#byId.get(id)?.session;
  }

  count(): { readonly established: number; readonly halfOpen: number } {
    const established = [...this.#byId.values()].filter(({ session }) => session.open).length;
    return { established, halfOpen: this.#byId.size - established };
  }

  /** Ends all sessions with close_notify, then lets the port and the memory of OpenSSL go. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    for (const { session } of [...this.#byId.values()]) session.close();
    const socket = this.#socket;
    this.#socket = undefined;
    // What was just sent leaves in this turn of the loop.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(resolve));
    this.#greeter?.abandon();
    this.#greeter = undefined;
    this.#host.ssl.SSL_CTX_free(this.#context);
    this.#host.ssl.BIO_ADDR_free(this.#noAddress);
  }

  #receive(datagram: Uint8Array, from: RemoteInfo): void {
    if (this.#socket === undefined || datagram.length > MAX_DATAGRAM) return;
    const peer = hostAndPort(from.address, from.port);
    const entry = this.#byPeer.get(peer);
    const random = clientHelloRandom(datagram);
    if (this.#options.silent) return this.#passOver(datagram, peer, random, from);
    // A client that starts again from the same port (RFC 6347 4.2.8): the old session lives until the cookie came.
    if (entry !== undefined && (random === undefined || random === entry.random)) {
      entry.lastSeen = Date.now();
      entry.session.receive(datagram);
    } else if (random !== undefined) {
      this.#greet(datagram, peer, random, from);
    }
  }

  /** Of a silent server: each new hello is told once. */
  #passOver(datagram: Uint8Array, peer: string, random: string | undefined, from: RemoteInfo): void {
    if (random === undefined || this.#unanswered.get(peer) === random) return;
    this.#unanswered.set(peer, random);
    for (const oldest of this.#unanswered.keys()) {
      if (this.#unanswered.size <= MAX_UNANSWERED) break;
      this.#unanswered.delete(oldest);
    }
    const signs = new HandshakeSigns('server', false);
    signs.clientHello = clientHelloBody(datagram);
    const facts = signs.facts(this.#host.ssl, null, false, []);
    this.#emit({ kind: 'refused', facts, remote: { address: from.address, port: from.port } });
  }

  #greet(datagram: Uint8Array, peer: string, random: string, from: RemoteInfo): void {
    if (this.#options.cookies !== false) {
      const greeter = (this.#greeter ??= this.#makeSession());
      const result = greeter.listen(datagram, peer, this.#noAddress, (d) => this.#transmit(d, from));
      if (result !== 'unverified') this.#greeter = undefined;
      if (result === 'refused') greeter.abandon();
      if (result === 'verified') this.#admit(greeter, peer, random, from, datagram);
      return;
    }
    // Without cookies a hello takes a place at once, and whoever forges an address takes it, too.
    const session = this.#makeSession();
    if (this.#admit(session, peer, random, from, datagram)) session.receive(datagram);
  }

  #admit(session: HostSession, peer: string, random: string, from: RemoteInfo, hello: Uint8Array): boolean {
    const old = this.#byPeer.get(peer);
    if (old !== undefined) {
      old.session.abandon(closed('The client began a new session from the same port'));
    }
    if (!this.#makeRoom()) {
      session.abandon();
      return false;
    }
    const now = Date.now();
    const entry: Entry = { id: nextId++, peer, session, random, since: now, lastSeen: now };
    this.#byPeer.set(peer, entry);
    this.#byId.set(entry.id, entry);
    let announced = false;
    const remote = { address: from.address, port: from.port };
    const hooks: SessionHooks = {
      transmit: (d) => this.#transmit(d, from),
      opened: () => {
        announced = true;
        this.#emit({ kind: 'opened', session: entry.id, facts: session.facts(), remote });
      },
      message: (data) => this.#emit({ kind: 'message', session: entry.id, data }),
      ended: (error) => {
        this.#byId.delete(entry.id);
        if (this.#byPeer.get(peer) === entry) this.#byPeer.delete(peer);
        if (announced) this.#emit({ kind: 'closed', session: entry.id, error });
        else this.#emit({ kind: 'refused', facts: error?.facts ?? session.facts(), remote, error });
      },
    };
    session.start(hooks, hello);
    return true;
  }

  #makeRoom(): boolean {
    const entries = [...this.#byId.values()];
    const halfOpen = entries.filter(({ session }) => !session.open);
    const full = entries.length >= this.#options.maxSessions;
    // Maps keep the order in which entries came: the first is the oldest.
    if (full || halfOpen.length >= MAX_HALF_OPEN) {
      const [oldest] = halfOpen;
      if (oldest !== undefined) {
        oldest.session.abandon(closed('The handshake was not finished, and its place was needed'));
        return true;
      }
    }
    if (!full) return true;
    const idlest = entries.reduce((a, b) => (b.lastSeen < a.lastSeen ? b : a));
    if (Date.now() - idlest.lastSeen < IDLE_MS) return false;
    idlest.session.close(closed('The session was idle, and its place was needed'));
    return true;
  }

  #sweep(): void {
    const now = Date.now();
    for (const { session, since } of [...this.#byId.values()]) {
      if (!session.open && now - since > HALF_OPEN_MS) session.abandon(UNFINISHED);
    }
  }

  #makeSession(): HostSession {
    const { psks, keyLog, requestCertificate, cookies, replayEndsSession } = this.#options;
    return new HostSession({
      host: this.#host,
      context: this.#context,
      role: 'server',
      // Client certificates are looked at, not judged.
      trust: { kind: 'all' },
      mtu: MTU,
      requestCertificate,
      replayEndsSession,
      answers: {
        anyCookie: cookies === 'unchecked',
        serverPsk: (identity) => psks.get(identity),
        ...(keyLog ? { keyLog: (line) => this.#emit({ kind: 'keylog', line }) } : {}),
      },
    });
  }

  #transmit(datagram: Uint8Array, to: RemoteInfo): void {
    this.#socket?.send(datagram, to.port, to.address, () => {
      // Lost datagrams are DTLS' daily bread.
    });
  }
}

const UNFINISHED: HostError = { code: 'dtls-timeout', what: 'The client did not finish the handshake' };

function closed(what: string): HostError {
  return { code: 'dtls-closed', what };
}

async function bindSocket(local: ResolvedHost, port: number): Promise<Socket> {
  for (let attempt = 1; ; attempt++) {
    const socket = openSocket(local);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind(port, local.address, () => {
          socket.removeListener('error', reject);
          resolve();
        });
      });
      return socket;
    } catch (error) {
      socket.close();
      const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!inUse || attempt === BIND_ATTEMPTS) throw error;
      await delay(BIND_PAUSE_MS);
    }
  }
}
