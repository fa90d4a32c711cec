/** The connections of one device: one stays open, requests go one after the other. */
import type { ChannelFault, FactMap, TlsOffer } from '../eim-contract.js';
import { http2Carrier } from './carry-http2.js';
import { needsRaw, rawCarrier } from './carry-raw.js';
import { undiciCarrier } from './carry-undici.js';
import { openConnection, type Connection, type Opened } from './connection.js';
import type { SavedSession } from './handshake.js';
import type { HttpCall, HttpCarrier, HttpOutcome } from './http-exchange.js';
import type { Settings } from './options.js';
import type { ExchangeRecorder } from './recorder.js';
import { abortedError, type Stop } from './stop.js';

const TICKET_MS = 1000;

interface Live {
  readonly connection: Connection;
  readonly carry: HttpCarrier;
  used: boolean;
}

export interface Wanted {
  /** Undefined: a handshake, and nothing else. */
  readonly call: HttpCall | undefined;
  readonly fresh: boolean;
  readonly plain: boolean;
  readonly offer: TlsOffer | undefined;
}

export interface DeviceOutcome {
  readonly tls: FactMap | undefined;
  readonly version?: string | undefined;
  readonly connectionRequest?: number;
  readonly http: HttpOutcome | undefined;
  readonly fault: ChannelFault | undefined;
}

export class DeviceConnections {
  readonly #settings: Settings;
  #live: Live | undefined;
  #session: SavedSession | undefined;
  #sessionArrived: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Waits for its turn, then runs; a device speaks one request at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** @throws {TransportError} `unreachable`, `aborted`; {Sgp33Error} `tls-offer`. */
  async run(wanted: Wanted, stop: Stop, recorder: ExchangeRecorder): Promise<DeviceOutcome> {
    const { call } = wanted;
    if (call === undefined) return this.#handshakeOnly(wanted, stop, recorder);
    const raw = wanted.plain || needsRaw(call);
    if (raw) return this.#once(wanted, call, stop, recorder);
    if (wanted.fresh || wanted.offer !== undefined || this.#isOver()) await this.close();
    const before = this.#live?.used === true ? this.#live : undefined;
    const outcome = await this.#kept(wanted, call, stop, recorder);
    // The next request must not go over a session that was offered for this one.
    if (wanted.offer !== undefined) await this.close();
    // The eIM closed an idle connection while the request was on its way (RFC 9112 9.5).
    const stale =
      before !== undefined && outcome.fault?.kind === 'reset' && before.connection.wire.bytesIn === 0;
    if (!stale || stop.signal.aborted) return outcome;
    recorder.note('the eIM had closed the idle connection: sent again on a new one');
    return this.#kept(wanted, call, stop, recorder);
  }

  async close(): Promise<void> {
    const live = this.#live;
    this.#live = undefined;
    await live?.connection.end();
  }

  #isOver(): boolean {
    const stream = this.#live?.connection.stream;
    return stream !== undefined && (stream.destroyed || stream.readableEnded);
  }

  async #kept(
    wanted: Wanted,
    call: HttpCall,
    stop: Stop,
    recorder: ExchangeRecorder,
  ): Promise<DeviceOutcome> {
    let live = this.#live;
    if (live === undefined) {
      const opened = await this.#open(wanted, stop, recorder);
      if (opened.connection === undefined) return { tls: opened.tls, http: undefined, fault: opened.fault };
      const { connection } = opened;
      const carry = (connection.http2 ? http2Carrier : undiciCarrier)(connection, this.#settings);
      live = { connection, carry, used: false };
      this.#live = live;
    }
    live.used = true;
    const outcome = await this.#carry(live.connection, live.carry, call, stop, recorder);
    if (outcome.fault !== undefined) {
      this.#live = undefined;
      live.connection.stream.destroy();
    }
    return outcome;
  }

  async #once(
    wanted: Wanted,
    call: HttpCall,
    stop: Stop,
    recorder: ExchangeRecorder,
  ): Promise<DeviceOutcome> {
    // These deviations are of HTTP/1.1.
    const opened = await this.#open(wanted, stop, recorder, { ...this.#settings, http2: false });
    if (opened.connection === undefined) return { tls: opened.tls, http: undefined, fault: opened.fault };
    try {
      return await this.#carry(opened.connection, rawCarrier, call, stop, recorder);
    } finally {
      opened.connection.stream.destroy();
    }
  }

  async #carry(
    connection: Connection,
    carry: HttpCarrier,
    call: HttpCall,
    stop: Stop,
    recorder: ExchangeRecorder,
  ): Promise<DeviceOutcome> {
    connection.requests += 1;
    const trace = recorder.request(call, connection.wire);
    const http = await carry(connection, call, this.#settings, stop);
    trace.sent();
    recorder.response(http, connection.wire);
    if (stop.signal.aborted && !stop.timedOut) throw abortedError(this.#settings.url);
    const { tls } = connection;
    const alert = http.alert === undefined ? {} : { alert: http.alert };
    return {
      tls: tls && { ...tls, ...alert },
      version: connection.wire.version,
      connectionRequest: connection.requests,
      http,
      fault: http.fault,
    };
  }

  async #handshakeOnly(wanted: Wanted, stop: Stop, recorder: ExchangeRecorder): Promise<DeviceOutcome> {
    const { connection, tls, fault } = await this.#open(wanted, stop, recorder);
    await connection?.end();
    return { tls, http: undefined, fault };
  }

  async #open(
    wanted: Wanted,
    stop: Stop,
    recorder: ExchangeRecorder,
    settings = this.#settings,
  ): Promise<Opened> {
    const offer = wanted.offer ?? {};
    if (offer.resume === true && !wanted.plain) await this.#sessionToOffer(offer, stop, recorder);
    const opened = await openConnection({
      settings,
      plain: wanted.plain || settings.plainHttp,
      offer,
      resume: offer.resume === true ? this.#session : undefined,
      stop,
      onSession: (session) => this.#keep(session),
    });
    if (opened.tls !== undefined) recorder.tls(opened.tls);
    return opened;
  }

  #keep(session: SavedSession): void {
    this.#session = session;
    this.#sessionArrived?.();
  }

  /** A session to offer: that of the last handshake, else of one that is made for it. */
  async #sessionToOffer(offer: TlsOffer, stop: Stop, recorder: ExchangeRecorder): Promise<void> {
    if (this.#session !== undefined) return;
    const arrived = new Promise<void>((resolve) => {
      this.#sessionArrived = resolve;
    });
    const opened = await this.#open(
      { call: undefined, fresh: true, plain: false, offer: { ...offer, resume: false } },
      stop,
      recorder,
    );
    // TLS 1.3 sends its tickets after the handshake, if at all: only time tells that none comes.
    if (opened.connection !== undefined) {
      const { signal } = stop;
      await Promise.race([
        arrived,
        patience(Math.min(TICKET_MS, this.#settings.deadlineMs / 4), signal),
        closed(opened.connection),
      ]);
      await opened.connection.end();
    }
    this.#sessionArrived = undefined;
  }
}

const closed = ({ stream }: Connection): Promise<void> =>
  new Promise((resolve) => stream.once('close', () => resolve()).once('end', () => resolve()));

const patience = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
