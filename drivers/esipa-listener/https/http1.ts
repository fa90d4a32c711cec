/** HTTP/1.1 over a session that is there: node's parser, and nothing that it would say by itself. */
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { withoutSecrets } from '../../eim-https/recorder.js';
import { refusal, type HttpAnswer } from '../http-answer.js';
import type { HttpsConnection } from './connection.js';
import type { HttpExchange } from './exchange.js';

export interface Http1Options {
  readonly headBytes: number;
  readonly connectionOf: (stream: Duplex) => HttpsConnection | undefined;
  readonly take: (exchange: HttpExchange, connection: HttpsConnection) => void;
}

/** Listens nowhere: sessions are given to it with the event `connection`. */
export function http1Server({ headBytes, connectionOf, take }: Http1Options): Server {
  const server = createServer({
    maxHeaderSize: headBytes,
    // A request without Host is for the sequence to judge.
    requireHostHeader: false,
    // Ours are at the connection.
    keepAliveTimeout: 0,
    headersTimeout: 0,
    requestTimeout: 0,
  });
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = connectionOf(request.socket);
    request.on('error', ignore);
    response.on('error', ignore);
    if (connection === undefined || connection.over) return void request.socket.destroy();
    take(exchangeOf(request, response, connection), connection);
  };
  server.on('request', onRequest);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    onRequest(request, response);
  });
  server.on('checkExpectation', onRequest);
  server.on('clientError', (error: Error & { code?: string; rawPacket?: Buffer }, stream: Duplex) => {
    const connection = connectionOf(stream);
    if (connection === undefined || connection.over || error.code === 'ECONNRESET')
      return void stream.destroy();
    const kept = connection.watch.takeRequest();
    const overflow = error.code === 'HPE_HEADER_OVERFLOW';
    const reason = overflow ? `a head of more than ${headBytes} bytes` : `no HTTP: ${error.message}`;
    connection.garbage(
      reason,
      kept.length > 0 ? kept : Uint8Array.from(error.rawPacket?.subarray(0, 4096) ?? []),
    );
    sayGoodbye(stream, connection, overflow ? 431 : 400, reason);
  });
  server.on('connect', (_request, stream: Duplex) => {
    const connection = connectionOf(stream);
    stream.on('error', ignore);
    connection?.garbage('the method CONNECT', connection.watch.takeRequest());
    if (connection !== undefined) sayGoodbye(stream, connection, 405, 'CONNECT');
  });
  return server;
}

function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  connection: HttpsConnection,
): HttpExchange {
  const { method = '', url: path = '', httpVersion: version, rawHeaders } = request;
  const lines: string[] = [];
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    lines.push(`${name}: ${value}`);
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return {
    request: { version, method, path, headers: Object.fromEntries(headers) },
    head: [`${method} ${path} HTTP/${version}`, ...lines].join('\r\n'),
    body: request,
    send: async (answer) => {
      connection.watch.takeAnswerHead();
      await sendOn(response, answer, connection);
      return withoutSecrets(connection.watch.takeAnswerHead());
    },
  };
}

function sendOn(response: ServerResponse, answer: HttpAnswer, connection: HttpsConnection): Promise<void> {
  return new Promise((resolve) => {
    if (connection.over || response.headersSent) return resolve();
    response.once('close', () => resolve());
    // What node would add by itself is given, or left out.
    response.sendDate = false;
    for (const name of answer.removed) response.removeHeader(name);
    const hasConnection = answer.headers.some(([name]) => name.toLowerCase() === 'connection');
    const own = hasConnection || answer.removed.includes('connection') ? [] : ['Connection', 'keep-alive'];
    try {
      response.writeHead(answer.status, STATUS_CODES[answer.status] ?? 'Unknown', [
        ...answer.headers.flat(),
        ...own,
      ]);
      const { cutAfter } = answer;
      if (cutAfter === undefined) response.end(Buffer.from(answer.body), () => resolve());
      else if (cutAfter > 0) response.write(Buffer.from(answer.body.subarray(0, cutAfter)), () => resolve());
      else {
        response.flushHeaders();
        // Behind the head, so that this is called when the head is out.
        response.socket?.write(Buffer.alloc(0), () => resolve());
      }
    } catch {
      // Headers of a step that no HTTP can have: nothing is said, and the connection ends.
      connection.destroy();
      resolve();
    }
  });
}

function sayGoodbye(stream: Duplex, connection: HttpsConnection, status: number, text: string): void {
  const { headers, body } = refusal(status, text);
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', ''].join('\r\n');
  stream.write(Buffer.concat([Buffer.from(head), body]));
  void connection.goodbye();
}

const ignore = (): void => undefined;
