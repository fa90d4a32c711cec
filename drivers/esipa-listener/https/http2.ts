/** HTTP/2 over a session that is there (RFC 9113). */
import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { WireTap } from '../../eim-https/wire-tap.js';
import { withoutSecrets } from '../../eim-https/recorder.js';
import type { HttpAnswer } from '../http-answer.js';
import type { HttpsConnection } from './connection.js';
import type { HttpExchange } from './exchange.js';

export interface Http2Options {
  readonly headBytes: number;
  readonly take: (exchange: HttpExchange) => void;
}

const MAX_STREAMS = 8;
/** Megabytes that node keeps for one session. */
const MAX_MEMORY = 4;
/** Not in HTTP/2 (RFC 9113 8.2.2). */
const OF_HTTP_1 = new Set(['connection', 'keep-alive', 'transfer-encoding']);

export function serveHttp2(plain: WireTap, connection: HttpsConnection, options: Http2Options): void {
  const session: ServerHttp2Session = performServerHandshake(plain, {
    maxSessionMemory: MAX_MEMORY,
    settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: options.headBytes },
  });
  session.on('error', (error: Error) => {
    connection.garbage(`no HTTP/2: ${error.message}`, connection.watch.takeRequest());
    connection.destroy();
  });
  session.on('stream', (stream, headers) => {
    stream.on('error', ignore);
    if (connection.over) return stream.close(constants.NGHTTP2_CANCEL);
    options.take(exchangeOf(stream, headers));
  });
}

function exchangeOf(stream: ServerHttp2Stream, received: IncomingHttpHeaders): HttpExchange {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(received)) {
    if (name.startsWith(':')) continue;
    headers.set(name, Array.isArray(value) ? value.join(', ') : (value ?? ''));
  }
  const authority = received[':authority'];
  if (authority !== undefined && !headers.has('host')) headers.set('host', authority);
  const [method, path] = [received[':method'] ?? '', received[':path'] ?? ''];
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  return {
    request: { version: '2', method, path, headers: Object.fromEntries(headers) },
    head: [`${method} ${path} HTTP/2`, ...lines].join('\r\n'),
    body: stream,
    send: async (answer) => {
      await sendOn(stream, answer);
      const sent = headersOf(answer).map(([name, value]) => `${name}: ${value}`);
      return withoutSecrets([`HTTP/2 ${answer.status}`, ...sent].join('\r\n'));
    },
  };
}

const headersOf = (answer: HttpAnswer): (readonly [string, string])[] =>
  answer.headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !OF_HTTP_1.has(name));

function sendOn(stream: ServerHttp2Stream, answer: HttpAnswer): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.headersSent) return resolve();
    stream.once('close', () => resolve());
    const headers: OutgoingHttpHeaders = { ':status': answer.status };
    for (const [name, value] of headersOf(answer)) headers[name] = value;
    const { cutAfter } = answer;
    // node has no way to answer 204 with a body.
    const empty = answer.body.length === 0 || answer.status === 204 || answer.status === 304;
    // The types do not know that node takes sendDate here, too.
    const options = { sendDate: false, endStream: empty && cutAfter === undefined };
    stream.respond(headers, options);
    if (cutAfter !== undefined) stream.write(Buffer.from(answer.body.subarray(0, cutAfter)), () => resolve());
    else if (!empty) stream.end(Buffer.from(answer.body), () => resolve());
    else resolve();
  });
}

const ignore = (): void => undefined;
