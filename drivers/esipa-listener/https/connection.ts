/** One TCP connection of an IPAd: the handshake, the session, and how it ended. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { TraceEvent } from '../../contract.js';
import type { FactMap } from '../../eim-contract.js';
import { codeOf } from '../../eim-https/tls-faults.js';
import { TlsRecords } from '../../eim-https/tls-records.js';
import { WireTap } from '../../eim-https/wire-tap.js';
import type { ArrivalQueue } from '../arrival-queue.js';
import { parseClientHello } from '../client-hello.js';
import type { Clock } from '../clock.js';
import type { Settings } from '../options.js';
import type { PendingMessage } from '../pending-message.js';
import { unofferedServerHello, type Facade } from './facade.js';
import { PlainWatch } from './plain-watch.js';
import { alertFacts, CLIENT_HELLO, offeredAndChosen, sessionFacts } from './tls-facts.js';

export interface ConnectionOwner {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly queue: ArrivalQueue;
  /** There is a session: HTTP begins on `plain`. */
  serve(connection: HttpsConnection, plain: WireTap, http2: boolean): void;
  over(connection: HttpsConnection): void;
}

/** Of bytes that are no TLS, so many are shown. */
const KEPT = 4096;
/** How long an answer and the end of the session may take to go out when a connection is closed. */
const GOODBYE_MS = 1000;
/** A connection on which nothing is said on purpose is not idle. */
const SILENCE_MS = 600_000;
/** Requests that one connection may have waiting for their answers. */
const MAX_PENDING = 8;
const KEEP_ALIVE_MS = 30_000;

export class HttpsConnection {
  readonly number: number;
  readonly watch: PlainWatch;
  readonly #owner: ConnectionOwner;
  readonly #raw: Socket;
  readonly #facade: Facade;
  readonly #pending = new Set<PendingMessage>();
  readonly #closed: Promise<void>;
  #client = new TlsRecords();
  #server = new TlsRecords();
  #first: Uint8Array = new Uint8Array(0);
  #state: 'handshake' | 'open' | 'over' = 'handshake';
  #phase: 'idle' | 'reading' | 'answering' = 'idle';
  #session: FactMap = {};
  #plain: WireTap | undefined;
  #error: Error | undefined;
  #end: 'closed' | 'reset' | 'idle' = 'closed';
  #requests = 0;
  /** Whoever listens was told already, or ordered it. */
  #dismissed = false;
  #leaving = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(raw: Socket, number: number, facade: Facade, owner: ConnectionOwner) {
    this.number = number;
    this.#raw = raw;
    this.#facade = facade;
    this.#owner = owner;
    this.watch = new PlainWatch(() => this.#bytesOfRequest());
    this.#closed = new Promise((resolve) => {
      raw.once('close', () => {
        this.#finish();
        resolve();
      });
    });
    raw.on('error', (error) => {
      if (codeOf(error) === 'ECONNRESET') this.#end = 'reset';
    });
    raw.setNoDelay(true);
    raw.setKeepAlive(true, KEEP_ALIVE_MS);
    const { mute, unofferedCipher } = facade.presentation;
    const { limits } = owner.settings;
    this.#limit(mute === true ? SILENCE_MS : limits.handshakeMs);
    if (mute === true) raw.on('data', (bytes) => this.#handshakeBytes(bytes));
    else if (unofferedCipher === true) this.#chooseWrongly();
    else this.#shakeHands();
  }

  get over(): boolean {
    return this.#state === 'over';
  }

  /** Facts that every arrival on this connection has. */
  get tls(): FactMap {
    return this.#session;
  }

  /** @returns its number, from 1; undefined when the connection has too many. */
  beginRequest(): number | undefined {
    this.#requests += 1;
    return this.#pending.size < MAX_PENDING ? this.#requests : undefined;
  }

  /** A request is whole, and waits. */
  wait(pending: PendingMessage): void {
    this.#phase = 'answering';
    clearTimeout(this.#timer);
    this.#pending.add(pending);
    if (this.over) pending.gone();
  }

  /** It has its answer. */
  done(pending: PendingMessage): void {
    this.#pending.delete(pending);
    if (this.over || this.#pending.size > 0) return;
    this.#phase = 'idle';
    this.#limit(this.#owner.settings.limits.idleMs);
  }

  /** Nothing is said any more, and the connection stays. */
  silence(): void {
    this.#limit(SILENCE_MS);
  }

  /** Bytes that are no HTTP, or too many: told, and the connection ends. */
  garbage(reason: string, data: Uint8Array, facts: FactMap = {}): void {
    if (this.#dismissed) return;
    this.#dismissed = true;
    const { clock, queue } = this.#owner;
    const at = clock.now();
    const event = clock.event({ kind: 'http-request', text: `no request: ${reason}`, bytes: data }, at);
    const all = { ...this.#shown(), ...facts };
    queue.push({ kind: 'garbage', at, connection: this.number, facts: all, events: [event], data, reason });
  }

  /** Ends with a TCP reset. */
  reset(): void {
    this.#dismissed = true;
    this.#raw.resetAndDestroy();
  }

  /** Ends without a word. */
  destroy(): void {
    this.#dismissed = true;
    this.#raw.destroy();
  }

  /** Ends as TLS and TCP want it, after what still goes out. Resolves when it is over. */
  goodbye(): Promise<void> {
    this.#dismissed = true;
    // A parser complains of every piece that still comes.
    if (this.#leaving) return this.#closed;
    this.#leaving = true;
    const plain = this.#plain;
    if (plain === undefined) this.#raw.destroy();
    else {
      plain.end(() => this.#raw.destroySoon());
      this.#raw.setTimeout(0);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#raw.destroy(), GOODBYE_MS);
    }
    return this.#closed;
  }

  /** Refuses what waits, and ends. */
  dismiss(): Promise<void> {
    this.#dismissed = true;
    for (const pending of [...this.#pending]) pending.refuse();
    return this.goodbye();
  }

  #shakeHands(): void {
    const { context, alpn, presentation } = this.#facade;
    const tap = new WireTap(
      this.#raw,
      {
        incoming: (bytes) => this.#handshakeBytes(bytes),
        outgoing: (bytes) => {
          if (this.#state === 'handshake') this.#server.feed(bytes);
        },
      },
      this.#raw,
    );
    tap.on('error', ignore);
    const socket = new TLSSocket(tap, {
      isServer: true,
      secureContext: context,
      ALPNProtocols: alpn,
      requestCert: presentation.requestClientCertificate === true,
      rejectUnauthorized: false,
    });
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.on('keylog', (line: Buffer) => this.#owner.settings.keyLog?.(line.toString('latin1').trimEnd()));
    socket.once('secure', () => this.#secured(socket));
  }

  #chooseWrongly(): void {
    let answered = false;
    this.#raw.on('data', (bytes) => {
      this.#handshakeBytes(bytes);
      const body = this.#client.message(CLIENT_HELLO);
      const hello = body && parseClientHello(body, false);
      if (answered || hello === undefined) return;
      answered = true;
      const record = unofferedServerHello(hello);
      this.#server.feed(record);
      this.#raw.write(record);
    });
  }

  #handshakeBytes(bytes: Uint8Array): void {
    if (this.#state !== 'handshake') return;
    const room = KEPT - this.#first.length;
    if (room > 0) this.#first = Buffer.concat([this.#first, bytes.subarray(0, room)]);
    this.#client.feed(bytes);
    if (this.#client.foreign === undefined) return;
    this.garbage('bytes that are no TLS', Uint8Array.from(this.#first));
    this.#raw.destroySoon();
  }

  #secured(socket: TLSSocket): void {
    if (this.#state !== 'handshake') return;
    this.#state = 'open';
    const { queue, settings } = this.#owner;
    this.#session = { ...offeredAndChosen(this.#client, this.#server), ...sessionFacts(socket) };
    const event = this.#tlsEvent(this.#session);
    // What came until here is not needed any more.
    [this.#client, this.#server] = [new TlsRecords(), new TlsRecords()];
    const { at } = event;
    const arrival = { at, connection: this.number, facts: this.#shown(), events: [event] };
    if (!queue.push({ kind: 'session', ...arrival })) return this.destroy();
    const plain = new WireTap(socket, this.watch, this.#raw);
    plain.on('error', ignore);
    this.#plain = plain;
    this.#limit(settings.limits.idleMs);
    this.#owner.serve(this, plain, socket.alpnProtocol === 'h2');
  }

  #bytesOfRequest(): void {
    if (this.#phase !== 'idle' || this.#state !== 'open') return;
    this.#phase = 'reading';
    const { requestMs } = this.#owner.settings.limits;
    this.#limit(requestMs, () => {
      this.garbage(`no whole request within ${requestMs} ms`, this.watch.takeRequest());
      this.#raw.destroy();
    });
  }

  /** Without `onLate`: the connection ends. */
  #limit(ms: number, onLate?: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (onLate !== undefined) return onLate();
      this.#end = 'idle';
      this.#raw.destroy();
    }, ms);
  }

  #finish(): void {
    const state = this.#state;
    this.#state = 'over';
    clearTimeout(this.#timer);
    for (const pending of this.#pending) pending.gone();
    this.#pending.clear();
    this.#owner.over(this);
    // Parsers tell what they did not like when the connection is gone already.
    setImmediate(() => this.#report(state));
  }

  #report(state: 'handshake' | 'open' | 'over'): void {
    if (this.#dismissed) return;
    const { queue } = this.#owner;
    const alerts = alertFacts(this.#client, this.#server, this.#error);
    const seen = state === 'handshake' ? offeredAndChosen(this.#client, this.#server) : this.#session;
    this.#session = { ...seen, ...alerts };
    const event = this.#tlsEvent({ ...this.#session, end: this.#end });
    const facts = { ...this.#shown(), connection: { requests: String(this.#requests), end: this.#end } };
    const kind = state === 'handshake' ? 'handshake-failed' : 'closed';
    queue.push({ kind, at: event.at, connection: this.number, facts, events: [event] });
  }

  #shown(): FactMap {
    return { tls: this.#session };
  }

  /** With the ClientHello, where it was not shown before. */
  #tlsEvent(facts: FactMap): TraceEvent {
    const hello = this.#client.message(CLIENT_HELLO);
    const text = JSON.stringify({ connection: String(this.number), ...facts });
    return this.#owner.clock.event({
      kind: 'tls',
      text,
      ...(hello === undefined ? {} : { bytes: Uint8Array.from(hello) }),
    });
  }
}

const ignore = (): void => undefined;
