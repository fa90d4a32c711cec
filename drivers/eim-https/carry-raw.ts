/** HTTP as it must not be: what undici rightly refuses to send goes through node:http, on a connection of its own. */
import { request } from 'node:http';
import type { Connection } from './connection.js';
import { OutcomeBuilder, type HttpCall, type HttpCarrier, type HttpOutcome } from './http-exchange.js';

const FRAMING = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
];

/** True for calls that undici would not send as they are. */
export function needsRaw(call: HttpCall): boolean {
  const framing = call.replaced.some((name) => FRAMING.includes(name));
  const withBody = (call.method === 'GET' || call.method === 'HEAD') && call.body.length > 0;
  const odd = !/^[A-Z]+$/.test(call.method) || call.method === 'CONNECT';
  return framing || withBody || odd || call.chunked !== undefined || call.cutAfter !== undefined;
}

export const rawCarrier: HttpCarrier = (connection, call, settings, stop) =>
  new Promise<HttpOutcome>((resolve) => {
    const builder = new OutcomeBuilder(connection, settings, stop);
    connection.wire.begin();
    const message = request({
      createConnection: () => connection.stream,
      method: call.method,
      path: call.path,
      setHost: false,
      maxHeaderSize: settings.maxHeaderBytes,
    });
    const finish = (outcome: HttpOutcome): void => {
      stop.signal.removeEventListener('abort', onStop);
      message.destroy();
      resolve(outcome);
    };
    const fail = (error: Error): void => finish(builder.failed(error));
    const onStop = (): void => fail(new Error('given up'));
    stop.signal.addEventListener('abort', onStop, { once: true });
    message.on('error', fail);
    message.on('response', (response) => {
      const fault = builder.head(response.statusCode ?? 0, response.statusMessage ?? '', response.headers);
      if (fault !== undefined) return finish(builder.done(fault));
      response.on('data', (chunk: Buffer) => {
        const tooLong = builder.data(chunk);
        if (tooLong !== undefined) finish(builder.done(tooLong));
      });
      response.on('error', fail);
      response.on('end', () => finish(builder.done()));
    });
    setHeaders(message, call);
    send(message, connection, call, () =>
      finish(
        builder.done({
          kind: 'reset',
          path: 'http.request',
          expected: `a connection that the step cuts after ${call.cutAfter ?? 0} bytes of the body`,
          actual: 'cut by the IPA',
        }),
      ),
    );
  });

type Message = ReturnType<typeof request>;

function setHeaders(message: Message, call: HttpCall): void {
  // Node would add `Connection: close`, which no step asked for.
  message.removeHeader('Connection');
  const names = call.headers.map(([name]) => name.toLowerCase());
  for (const [name, value] of call.headers) message.setHeader(name, value);
  if (call.chunked !== undefined) message.setHeader('Transfer-Encoding', 'chunked');
  else if (call.without.includes('content-length')) {
    message.removeHeader('Content-Length');
    message.removeHeader('Transfer-Encoding');
  } else if (!names.includes('content-length') && !names.includes('transfer-encoding'))
    message.setHeader('Content-Length', call.body.length);
}

function send(message: Message, connection: Connection, call: HttpCall, onCut: () => void): void {
  const { body, chunked, cutAfter } = call;
  if (cutAfter !== undefined) {
    message.flushHeaders();
    if (cutAfter > 0) message.write(body.subarray(0, cutAfter));
    // Behind all that was written: what is sent before the cut arrives.
    const cut = (): void => {
      connection.reset();
      onCut();
    };
    message.once('socket', (socket) => setImmediate(() => socket.write(Buffer.alloc(0), cut)));
    return;
  }
  for (let at = 0; chunked !== undefined && chunked > 0 && at < body.length; at += chunked)
    message.write(body.subarray(at, at + chunked));
  if (chunked !== undefined || body.length === 0) message.end();
  else message.end(body);
}
