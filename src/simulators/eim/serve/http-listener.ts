/**
 * A listener for HTTP/1.1, with TLS or without, and HTTP/2 where a client offers it. It bounds what a peer may take:
 * bytes of header and body, time, connections; everything else is the service's.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createSecureServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { TLSSocket, type TlsOptions } from 'node:tls';
import { drain, readBody } from './http-body.js';
import { textAnswer, type HttpAnswer, type HttpHead, type HttpService } from './http-types.js';
import { listen, type OpenListener } from './listen.js';
import { sniff } from './plain-and-tls.js';
import type { HttpLimits, ListenAt } from './options.js';

export interface HttpListenerOptions {
  readonly at: ListenAt;
  readonly service: HttpService;
  readonly limits: HttpLimits;
  /** Without it, plain HTTP. */
  readonly tls?: TlsOptions;
  readonly http2?: boolean;
  /** Plain HTTP is answered on the port of HTTPS, too. */
  readonly plainToo?: boolean;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** How often node looks for connections that are late, milliseconds. */
const CHECK_EVERY = 500;

/** @throws {Sgp33Error} `eim-listener` when the address can not be had. */
export async function listenHttp(options: HttpListenerOptions): Promise<OpenListener> {
  const { service, limits } = options;
  const onRequest = (request: Request, response: Response): void =>
    void serveOne(service, limits, request, response);
  const server = makeServer(options);
  server.on('request', onRequest);
  server.on('checkContinue', (request: Request, response: Response) => {
    // A client that asks first is not told to go on when its body is too long anyway.
    if (!announcesTooMuch(request, limits)) response.writeContinue();
    onRequest(request, response);
  });
  const front =
    options.plainToo === true ? sniff(server, plainServer(limits).on('request', onRequest)) : server;
  return listen(front, options.at);
}

function makeServer(options: HttpListenerOptions): Server {
  const { tls, limits } = options;
  if (tls === undefined) return plainServer(limits);
  const secure = { ...tls, handshakeTimeout: limits.headerMs };
  if (options.http2 === true)
    return bounded(
      createHttp2Server({ ...secure, allowHTTP1: true, ...nodeLimits(limits) }).on('session', (session) => {
        session.setTimeout(limits.idleMs, () => session.destroy());
        session.on('error', () => session.destroy());
      }),
      limits,
    );
  return bounded(createHttpsServer({ ...secure, ...nodeLimits(limits) }), limits);
}

const plainServer = (limits: HttpLimits): Server => bounded(createHttpServer(nodeLimits(limits)), limits);

const nodeLimits = (limits: HttpLimits): object => ({
  maxHeaderSize: limits.headerBytes,
  headersTimeout: limits.headerMs,
  requestTimeout: limits.headerMs + limits.bodyMs,
  keepAliveTimeout: limits.idleMs,
  connectionsCheckingInterval: CHECK_EVERY,
});

function bounded(server: Server, limits: HttpLimits): Server {
  server.maxConnections = limits.connections;
  // What is no TLS, or no HTTP, ends here.
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  return server;
}

async function serveOne(
  service: HttpService,
  limits: HttpLimits,
  request: Request,
  response: Response,
): Promise<void> {
  request.on('error', () => response.destroy());
  response.on('error', () => response.destroy());
  try {
    const head = headOf(request);
    const refusal = service.refuse(head);
    if (announcesTooMuch(request, limits))
      return await send(request, response, refusal ?? service.tooLarge(head), true);
    // The body of a refused request is read, too: the connection is of use afterwards.
    const read = await readBody(request, limits);
    if (read.fault === 'gone') return void response.destroy();
    if (read.fault !== 'none') {
      const late = read.fault === 'too-slow';
      return await send(request, response, late ? TOO_SLOW : service.tooLarge(head), true);
    }
    // A service that fails is our fault, and a server error for the peer.
    const answer =
      refusal ??
      (await service.answer(head, read.body).catch(() => textAnswer(500, 'Internal Server Error')));
    await send(request, response, answer);
  } catch {
    // The peer went away in the middle, or a response could not be written: nobody is left to be told.
    response.destroy();
  }
}

const TOO_SLOW: HttpAnswer = { status: 408, headers: {}, body: new Uint8Array(0), connection: 'close' };

const counts = new WeakMap<object, number>();

function headOf(request: Request): HttpHead {
  const { socket } = request;
  // In HTTP/2 the socket is another object for each request.
  const connection = 'stream' in request ? (request.stream.session ?? socket) : socket;
  const nth = (counts.get(connection) ?? 0) + 1;
  counts.set(connection, nth);
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  headers['host'] ??= headers[':authority'];
  const servername = socket instanceof TLSSocket ? socket.servername : undefined;
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers,
    nth,
    connection,
    servername: typeof servername === 'string' ? servername : undefined,
  };
}

const announcesTooMuch = (request: Request, limits: HttpLimits): boolean =>
  Number(request.headers['content-length'] ?? 0) > limits.bodyBytes;

/** @param over the body was not read to its end: the connection is of no more use. */
async function send(request: Request, response: Response, answer: HttpAnswer, over = false): Promise<void> {
  if (answer.connection === 'reset') return void request.socket.destroy();
  const first = request.httpVersionMajor === 1;
  const ends = over || answer.connection === 'close';
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (first && ends) response.setHeader('Connection', 'close');
  if (answer.status !== 204) response.setHeader('Content-Length', String(answer.body.length));
  await finished(response, answer.body);
  if (ends) await drain(request);
  if (first && answer.connection === 'hang-up') request.socket.end();
}

function finished(response: Response, body: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.end(Buffer.from(body), () => resolve());
  });
}
