import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { TLSSocket } from 'node:tls';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError } from '../contract.js';
import type { FactMap, ListenerState, NotificationListener, ReceivedNotification } from '../eim-contract.js';
import { NotificationInbox } from './inbox.js';
import { ASN1_PATH, BadRequest, fromAsn1, fromJson, JSON_PATH } from './pending-notification.js';

export interface Es9ListenerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** PEM. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string };
  /** HTTP without TLS. */
  readonly plain?: boolean;
}

const MAX_BODY = 1024 * 1024;
const MAX_HEADERS = 64 * 1024;
/** For the whole request: a slow one holds a connection no longer. */
const REQUEST_MS = 30_000;
const MAX_CONNECTIONS = 500;
const PROTOCOL = 'gsma/rsp/v2.2.0';

/**
 * Plays the SM-DP+: POST of a PendingNotification in the JSON or in the ASN.1 binding is answered with 204 and
 * X-Admin-Protocol, anything else with 400, 404, 405, 413 or 415.
 * @throws {Sgp33Error} `es9-listener` for options without certificate and for one that is none; {TransportError}
 *   `communication` when it can not listen there.
 */
export async function listenEs9(options: Es9ListenerOptions): Promise<NotificationListener> {
  const start = performance.now();
  const inbox = new NotificationInbox();
  const server = serverOf(options, (request, response) => {
    void answer(request, response, {
      receive: (notification, taken) => inbox.receive(notification, taken),
      stateFor: (data) => inbox.stateFor(data),
      now: () => performance.now() - start,
    });
  });
  await listening(server, options);
  const { address, port, family } = server.address() as AddressInfo;
  return {
    address: `${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    get waiting() {
      return inbox.waiting;
    },
    setState: (state, concerned) => inbox.setState(state, concerned),
    next: (wanted, deadlineMs, signal) => inbox.next(wanted, deadlineMs, signal),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      inbox.close();
      await closed;
    },
  };
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function serverOf({ tls, plain }: Es9ListenerOptions, listener: Listener): Server {
  const limits = { maxHeaderSize: MAX_HEADERS, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
  const trouble = (what: string, cause?: unknown): Sgp33Error =>
    new Sgp33Error('es9-listener', what, {
      expected: 'a certificate and its key in PEM, or plain HTTP',
      ...(cause instanceof Error ? { actual: cause.message, cause } : {}),
    });
  if (plain !== true && tls === undefined) throw trouble('the listener for ES9+ has no certificate');
  try {
    const server =
      plain === true || tls === undefined
        ? createHttpServer(limits, listener)
        : createHttpsServer(
            { ...limits, cert: tls.certificate, key: tls.privateKey, minVersion: 'TLSv1.2' },
            listener,
          );
    server.maxConnections = MAX_CONNECTIONS;
    server.on('clientError', (_error, socket) => socket.destroy());
    return server;
  } catch (cause) {
    throw trouble('the certificate of the listener for ES9+ is none', cause);
  }
}

const listening = (server: Server, { host, port }: Es9ListenerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new TransportError('communication', 'the listener for ES9+ can not listen', {
          place: `${host}:${port}`,
          actual: cause.message,
          cause,
        }),
      ),
    );
    server.listen(port, host, () => resolve());
  });

interface Receiver {
  /** False when there is no room. */
  readonly receive: (notification: ReceivedNotification, taken: boolean) => boolean;
  readonly stateFor: (data: Uint8Array) => ListenerState;
  readonly now: () => number;
}

async function answer(request: IncomingMessage, response: ServerResponse, receiver: Receiver): Promise<void> {
  const end = (status: number, text = '', headers: Readonly<Record<string, string>> = {}): void => {
    response.writeHead(status, { 'X-Admin-Protocol': PROTOCOL, ...headers });
    response.end(text);
  };
  try {
    // Read to its end also where it does not matter, so that the connection can go on.
    const body = await bodyOf(request);
    const path = request.url?.split('?')[0] ?? '';
    if (body === undefined) end(413, '', { Connection: 'close' });
    else if (path !== JSON_PATH && path !== ASN1_PATH) end(404);
    else if (request.method !== 'POST') end(405, '', { Allow: 'POST' });
    else {
      const data = path === JSON_PATH ? fromJson(body) : fromAsn1(body);
      const state = receiver.stateFor(data);
      const wanted = state === 'listening';
      const answered = wanted ? '204' : state === 'refusing' ? '503' : 'none';
      const room = receiver.receive(notificationOf(data, request, body, answered, receiver.now()), wanted);
      if (state === 'silent') response.destroy();
      else end(wanted && room ? 204 : 503);
    }
  } catch (error) {
    if (error instanceof BadRequest) end(400, error.message, { 'Content-Type': 'text/plain' });
    else response.destroy();
  }
}

/** @returns undefined when it is too long; what is behind the limit is not kept. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BODY) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function notificationOf(
  data: Uint8Array,
  request: IncomingMessage,
  body: Buffer,
  answered: string,
  at: number,
): ReceivedNotification {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  const head = `${request.method ?? ''} ${request.url ?? ''} HTTP/${request.httpVersion}`;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const tls = tlsFactsOf(request.socket);
  return {
    data,
    facts: {
      ...(tls === undefined ? {} : { tls }),
      http: {
        version: request.httpVersion,
        method: request.method ?? '',
        path: request.url ?? '',
        headers,
        bodyLength: String(body.length),
        answered,
      },
    },
    events: [
      ...(tls === undefined ? [] : [{ at, kind: 'tls' as const, text: JSON.stringify(tls) }]),
      { at, kind: 'http-request', text: [head, ...lines].join('\n'), bytes: new Uint8Array(body) },
    ],
  };
}

/** The session that a request came in; undefined without TLS. */
function tlsFactsOf(socket: Socket): FactMap | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { servername } = socket as { servername?: string | false };
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    ...(typeof servername === 'string' ? { servername } : {}),
    resumed: String(socket.isSessionReused()),
  };
}
