/** The HTTPS server of an eIM that says what it is told (SGP.32 6.1). */
import { createServer, type Server, type Socket } from 'node:net';
import type { Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { TransportError } from '../../contract.js';
import type { WireTap } from '../../eim-https/wire-tap.js';
import type { EsipaListener, ListenerArrival, ServerPresentation, TrustKind } from '../../ipad-contract.js';
import { ArrivalQueue } from '../arrival-queue.js';
import { serverCertificates, type ServerCertificates } from '../certificates.js';
import { Clock } from '../clock.js';
import { addressOf, type Settings } from '../options.js';
import { HttpsConnection, type ConnectionOwner } from './connection.js';
import { takeRequest } from './exchange.js';
import { facadeOf, type Facade } from './facade.js';
import { http1Server } from './http1.js';
import { serveHttp2 } from './http2.js';

export class HttpsListener implements EsipaListener, ConnectionOwner {
  readonly transport = 'https';
  readonly serverName: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly queue: ArrivalQueue;
  readonly #certificates: ServerCertificates;
  readonly #front: Server;
  readonly #http: HttpServer;
  readonly #connections = new Set<HttpsConnection>();
  readonly #byStream = new WeakMap<Duplex, HttpsConnection>();
  #facade: Facade;
  #bound: { readonly address: string; readonly port: number };
  #count = 0;

  private constructor(settings: Settings) {
    this.settings = settings;
    this.serverName = settings.serverName;
    this.clock = new Clock(settings.onTrace);
    this.queue = new ArrivalQueue(settings.limits);
    this.#certificates = serverCertificates(settings.pki, settings.identity, settings.serverName);
    this.#facade = facadeOf({}, this.#certificates, settings.http2);
    this.#bound = { address: settings.host, port: settings.port };
    this.#front = createServer((raw) => this.#accept(raw));
    this.#front.maxConnections = settings.limits.connections;
    this.#http = http1Server({
      headBytes: settings.limits.headBytes,
      connectionOf: (stream) => this.#byStream.get(stream),
      take: (exchange, connection) => void takeRequest(exchange, connection, this),
    });
  }

  static async open(settings: Settings): Promise<HttpsListener> {
    const listener = new HttpsListener(settings);
    await listener.#listen();
    return listener;
  }

  get address(): string {
    return addressOf(this.#bound.address, this.#bound.port);
  }

  trustAnchor(kind: TrustKind): Uint8Array {
    return this.#certificates.trustAnchor(kind);
  }

  async present(presentation: ServerPresentation): Promise<void> {
    const facade = facadeOf(presentation, this.#certificates, this.settings.http2);
    const unlistened = presentation.down === true ? this.#unlisten() : undefined;
    this.#facade = facade;
    await this.#dismissAll();
    await unlistened;
    if (presentation.down !== true) await this.#listen();
  }

  next(deadlineMs: number, signal?: AbortSignal): Promise<ListenerArrival | undefined> {
    return this.queue.next(deadlineMs, signal);
  }

  async clear(): Promise<void> {
    await this.#dismissAll();
    this.queue.clear();
  }

  async close(): Promise<void> {
    const unlistened = this.#unlisten();
    await this.#dismissAll();
    this.queue.close();
    this.#http.closeAllConnections();
    await unlistened;
  }

  serve(connection: HttpsConnection, plain: WireTap, http2: boolean): void {
    this.#byStream.set(plain, connection);
    if (!http2) return void this.#http.emit('connection', plain);
    const { headBytes } = this.settings.limits;
    serveHttp2(plain, connection, {
      headBytes,
      take: (exchange) => void takeRequest(exchange, connection, this),
    });
  }

  over(connection: HttpsConnection): void {
    this.#connections.delete(connection);
  }

  #accept(raw: Socket): void {
    this.#count += 1;
    this.#connections.add(new HttpsConnection(raw, this.#count, this.#facade, this));
  }

  async #dismissAll(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.dismiss()));
  }

  /** Nothing happens when it listens. @throws {TransportError} `communication`. */
  async #listen(): Promise<void> {
    const front = this.#front;
    if (front.listening) return;
    const { address: host, port } = this.#bound;
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: Error): void =>
        reject(
          new TransportError('communication', 'the listener for ESipa can not listen', {
            place: addressOf(host, port),
            actual: cause.message,
            repair: 'Name an address of this machine and a port that is free; port 0 takes any.',
            cause,
          }),
        );
      front.once('error', fail);
      front.listen({ host, port }, () => {
        front.off('error', fail);
        resolve();
      });
    });
    const bound = front.address();
    if (typeof bound === 'object' && bound !== null)
      this.#bound = { address: bound.address, port: bound.port };
  }

  #unlisten(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#front.listening) return resolve();
      this.#front.close(() => resolve());
    });
  }
}
