/** HTTP/2, where ALPN agreed on it: a deviation of laboratories. undici's client of it does not survive hostile peers. */
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import type { Connection } from './connection.js';
import { OutcomeBuilder, type HttpCall, type HttpCarrier, type HttpOutcome } from './http-exchange.js';
import type { Settings } from './options.js';

/** A carrier for one connection. Once that is over, it can not be used any more. */
export function http2Carrier(connection: Connection, { peerName, maxHeaderBytes }: Settings): HttpCarrier {
  const session = connect(`https://${peerName.includes(':') ? `[${peerName}]` : peerName}`, {
    createConnection: () => connection.stream,
    settings: { enablePush: false, maxHeaderListSize: maxHeaderBytes },
    maxSessionMemory: 16,
  });
  let sessionError: Error | undefined;
  session.on('error', (error: Error) => {
    sessionError = error;
  });
  return (_connection, call, settings, stop) =>
    new Promise<HttpOutcome>((resolve) => {
      const builder = new OutcomeBuilder(connection, settings, stop);
      const finish = (outcome: HttpOutcome): void => {
        stop.signal.removeEventListener('abort', onStop);
        connection.stream.unref();
        resolve(outcome);
      };
      const giveUp = (outcome: HttpOutcome): void => {
        finish(outcome);
        session.destroy();
        connection.stream.destroy();
      };
      const fail = (error: Error): void => giveUp(builder.failed(sessionError ?? error));
      const onStop = (): void => fail(new Error('given up'));
      stop.signal.addEventListener('abort', onStop, { once: true });
      if (stop.signal.aborted) return onStop();
      connection.stream.ref();
      connection.wire.begin();
      try {
        exchange(session, call, builder, { finish, giveUp, fail });
      } catch (error) {
        fail(error instanceof Error ? error : new Error('the session is over'));
      }
    });
}

interface Ends {
  finish(outcome: HttpOutcome): void;
  giveUp(outcome: HttpOutcome): void;
  fail(error: Error): void;
}

function exchange(session: ClientHttp2Session, call: HttpCall, builder: OutcomeBuilder, ends: Ends): void {
  const stream = session.request(headersOf(call), { endStream: call.body.length === 0 });
  let ended = false;
  stream.on('response', ({ ':status': status = 0, ...headers }) => {
    const fault = builder.head(status, '', headers);
    if (fault !== undefined) ends.giveUp(builder.done(fault));
  });
  stream.on('data', (chunk: Buffer) => {
    const fault = builder.data(chunk);
    if (fault !== undefined) ends.giveUp(builder.done(fault));
  });
  stream.on('end', () => (ended = true));
  stream.on('error', (error: Error) => ends.fail(error));
  stream.on('close', () => {
    if (ended && stream.rstCode === 0 && builder.hasHead) ends.finish(builder.done());
    else ends.fail(new Error(`the stream was closed with error ${stream.rstCode}`));
  });
  if (call.body.length > 0) stream.end(Buffer.from(call.body));
}

/** Names are in lower case, Host is `:authority` (RFC 9113 8.2, 8.3.1). */
function headersOf(call: HttpCall): OutgoingHttpHeaders {
  const named = call.headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const host = named.find(([name]) => name === 'host')?.[1];
  return {
    ':method': call.method,
    ':path': call.path,
    ':scheme': 'https',
    ...(host === undefined ? {} : { ':authority': host }),
    ...Object.fromEntries(named.filter(([name]) => name !== 'host')),
    'content-length': String(call.body.length),
  };
}
