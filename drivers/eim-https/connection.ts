/** One connection to the eIM: TCP, TLS unless it is plain HTTP, and what went through. */
import { Socket } from 'node:net';
import { TransportError } from '../contract.js';
import type { ChannelFault, FactMap, TlsOffer } from '../eim-contract.js';
import { makeHandshake, type SavedSession } from './handshake.js';
import { HttpWire } from './http-wire.js';
import type { Settings } from './options.js';
import { abortedError, type Stop } from './stop.js';
import { codeOf } from './tls-faults.js';
import { WireTap } from './wire-tap.js';

export interface Connection {
  /** For HTTP, in plain text. */
  readonly stream: WireTap;
  readonly wire: HttpWire;
  /** Requests that were sent on it, the one that runs included. */
  requests: number;
  /** Undefined for plain HTTP. */
  readonly tls: FactMap | undefined;
  readonly http2: boolean;
  /** Ends with a TCP reset. */
  reset(): void;
  /** Ends it as both protocols want it. */
  end(): Promise<void>;
}

export interface Opened {
  readonly connection: Connection | undefined;
  readonly tls: FactMap | undefined;
  readonly fault: ChannelFault | undefined;
}

export interface ConnectionRequest {
  readonly settings: Settings;
  readonly plain: boolean;
  readonly offer: TlsOffer;
  readonly resume: SavedSession | undefined;
  readonly stop: Stop;
  readonly onSession: (session: SavedSession) => void;
}

/**
 * Connects and judges the certificate; nothing of HTTP is sent.
 * @throws {TransportError} `unreachable`, `aborted`; {Sgp33Error} `tls-offer`.
 */
export async function openConnection(request: ConnectionRequest): Promise<Opened> {
  const { settings, stop } = request;
  const raw = await connectTcp(settings.host, settings.port, stop);
  if (request.plain) return { connection: over(raw, raw, undefined), tls: undefined, fault: undefined };
  try {
    const { socket, facts, fault } = await makeHandshake(raw, request);
    if (stop.signal.aborted && !stop.timedOut) throw abortedError(settings.url);
    const connection = socket && over(raw, socket, facts, socket.alpnProtocol === 'h2');
    return { connection, tls: facts, fault };
  } catch (error) {
    raw.destroy();
    throw error;
  }
}

function over(
  raw: Socket,
  inner: ConstructorParameters<typeof WireTap>[0],
  tls: FactMap | undefined,
  http2 = false,
): Connection {
  const wire = new HttpWire(http2);
  const stream = new WireTap(inner, wire, raw);
  stream.on('error', () => undefined);
  return {
    stream,
    wire,
    requests: 0,
    tls,
    http2,
    reset: () => {
      raw.resetAndDestroy();
      stream.destroy();
    },
    end: () =>
      new Promise((resolve) => {
        if (stream.destroyed) return resolve();
        stream.once('close', () => resolve());
        // close_notify and FIN are out when the end is flushed; nobody waits for the peer's.
        stream.end(() => stream.destroy());
      }),
  };
}

/** @throws {TransportError} `unreachable` for whatever happens before there is a connection; `aborted`. */
function connectTcp(host: string, port: number, stop: Stop): Promise<Socket> {
  const place = `${host}:${port}`;
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    const fail = (error: TransportError): void => {
      stop.signal.removeEventListener('abort', onStop);
      socket.destroy();
      reject(error);
    };
    const onStop = (): void =>
      fail(
        stop.timedOut
          ? unreachable(place, `no connection within ${stop.deadlineMs} ms`)
          : abortedError(place),
      );
    const onError = (error: Error): void => fail(unreachable(place, codeOf(error) || error.message, error));
    socket.once('error', onError);
    socket.once('connect', () => {
      stop.signal.removeEventListener('abort', onStop);
      socket.removeListener('error', onError);
      socket.on('error', () => undefined);
      socket.setNoDelay(true);
      resolve(socket);
    });
    stop.signal.addEventListener('abort', onStop, { once: true });
    if (stop.signal.aborted) return onStop();
    socket.connect({ host, port });
  });
}

function unreachable(place: string, actual: string, cause?: unknown): TransportError {
  return new TransportError('unreachable', 'The eIM can not be reached', {
    place,
    expected: 'a TCP connection',
    actual,
    repair: 'Check the url of the target, and that the eIM runs.',
    ...(cause === undefined ? {} : { cause }),
  });
}
