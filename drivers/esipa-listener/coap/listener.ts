/** The CoAP server of an eIM over DTLS that says what it is told (SGP.32 3.1.2.2). */
import { TransportError } from '../../contract.js';
import type { EsipaListener, ListenerArrival, ServerPresentation, TrustKind } from '../../ipad-contract.js';
import {
  DtlsError,
  serveDtls,
  type DtlsRefused,
  type DtlsConnection,
  type DtlsServer,
} from '../../../src/transport/dtls/index.js';
import { ArrivalQueue } from '../arrival-queue.js';
import { serverCertificates, type ServerCertificates } from '../certificates.js';
import { Clock } from '../clock.js';
import { addressOf, type Settings } from '../options.js';
import { presentationError } from '../tls-presentation.js';
import { CoapConnection, type CoapConnectionOwner } from './connection.js';
import { dtlsOptionsFor, tlsFactsOf } from './dtls-options.js';

export class CoapListener implements EsipaListener, CoapConnectionOwner {
  readonly transport = 'coap';
  readonly serverName: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly queue: ArrivalQueue;
  readonly #certificates: ServerCertificates;
  readonly #connections = new Set<CoapConnection>();
  #dtls: DtlsServer | undefined;
  #bound: { readonly address: string; readonly port: number };
  #count = 0;
  #stopping = false;

  private constructor(settings: Settings) {
    this.settings = settings;
    this.serverName = settings.serverName;
    this.clock = new Clock(settings.onTrace);
    this.queue = new ArrivalQueue(settings.limits);
    this.#certificates = serverCertificates(settings.pki, settings.identity, settings.serverName);
    this.#bound = { address: settings.host, port: settings.port };
  }

  /** @throws {TransportError} `communication`; {DtlsError} `dtls-unavailable`; {Sgp33Error} of the PKI folder. */
  static async open(settings: Settings): Promise<CoapListener> {
    const listener = new CoapListener(settings);
    await listener.#serve({});
    return listener;
  }

  get address(): string {
    return addressOf(this.#bound.address, this.#bound.port);
  }

  trustAnchor(kind: TrustKind): Uint8Array {
    return this.#certificates.trustAnchor(kind);
  }

  async present(presentation: ServerPresentation): Promise<void> {
    const options = dtlsOptionsFor(presentation, this.#certificates, this.settings.limits.connections);
    if (presentation.down === true) return this.#stop();
    if (this.#dtls === undefined) return this.#serve(presentation);
    for (const connection of this.#connections) connection.refuse();
    // What was just refused goes out before its session ends.
    await new Promise<void>((resolve) => setImmediate(resolve));
    try {
      await this.#dtls.reconfigure(options);
    } catch (cause) {
      throw asError(cause, presentation);
    }
  }

  next(deadlineMs: number, signal?: AbortSignal): Promise<ListenerArrival | undefined> {
    return this.queue.next(deadlineMs, signal);
  }

  async clear(): Promise<void> {
    await this.#dismissAll();
    this.queue.clear();
  }

  async close(): Promise<void> {
    await this.#stop();
    this.queue.close();
  }

  over(connection: CoapConnection): void {
    this.#connections.delete(connection);
  }

  async #serve(presentation: ServerPresentation): Promise<void> {
    const options = dtlsOptionsFor(presentation, this.#certificates, this.settings.limits.connections);
    const { address: host, port } = this.#bound;
    const { keyLog } = this.settings;
    this.#stopping = false;
    try {
      const dtls = await serveDtls(
        {
          ...options,
          host,
          port,
          onRefused: (refused) => this.#refused(refused),
          ...(keyLog === undefined ? {} : { keyLog }),
        },
        (channel) => this.#take(channel),
      );
      dtls.onClose((error) => {
        if (error !== undefined) this.#crashed(error);
      });
      this.#dtls = dtls;
      this.#bound = { address: dtls.address, port: dtls.port };
    } catch (cause) {
      if (!(cause instanceof DtlsError) || cause.systemCode === undefined) throw asError(cause, presentation);
      throw new TransportError('communication', 'the listener for ESipa can not listen', {
        place: addressOf(host, port),
        actual: cause.systemCode,
        repair: 'Name an address of this machine and a port that is free; port 0 takes any.',
        cause,
      });
    }
  }

  #take(channel: DtlsConnection): void {
    const connection = new CoapConnection(channel, ++this.#count, this);
    this.#connections.add(connection);
    // Its handshake came to an end while the server was told to stop.
    if (this.#stopping) void connection.dismiss();
  }

  async #stop(): Promise<void> {
    const dtls = this.#dtls;
    this.#dtls = undefined;
    this.#stopping = true;
    await this.#dismissAll();
    await dtls?.close();
  }

  async #dismissAll(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.dismiss()));
  }

  #refused({ facts, error }: DtlsRefused): void {
    const connection = ++this.#count;
    const tls = tlsFactsOf(facts, error);
    const end = error?.code === 'dtls-timeout' ? 'idle' : 'closed';
    const { clientHello } = facts;
    const event = this.clock.event({
      kind: 'tls',
      text: JSON.stringify({ connection: String(connection), end, ...tls }),
      ...(clientHello === undefined ? {} : { bytes: Uint8Array.from(Buffer.from(clientHello, 'hex')) }),
    });
    this.queue.push({
      kind: 'handshake-failed',
      at: event.at,
      connection,
      facts: { tls, connection: { requests: '0', end } },
      events: [event],
    });
  }

  #crashed(cause: DtlsError): void {
    this.#dtls = undefined;
    this.queue.fail(
      new TransportError('communication', 'the listener for ESipa has stopped', {
        place: this.address,
        cause,
      }),
    );
  }
}

function asError(cause: unknown, presentation: ServerPresentation): unknown {
  if (!(cause instanceof DtlsError) || cause.code !== 'dtls-configuration') return cause;
  return presentationError(presentation, cause.actual ?? cause.message, cause);
}
