/** HTTP as a good IPA speaks it: undici, on one connection that stays open. */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { Connection } from './connection.js';
import { OutcomeBuilder, type HttpCarrier, type HttpOutcome } from './http-exchange.js';
import type { Settings } from './options.js';

/** More than any test lasts: only the eIM ends a connection early. */
const KEEP_ALIVE_MS = 3_600_000;

/** A carrier for one connection. Once that is over, it can not be used any more. */
export function undiciCarrier(connection: Connection, settings: Settings): HttpCarrier {
  let given = false;
  const client = new Client(`${connection.tls === undefined ? 'http' : 'https'}://${hostOf(settings)}`, {
    // The connection is ours, with its facts; undici must not make another one behind our back.
    connect: (_options, callback) => {
      const usable = !given && !connection.stream.destroyed;
      given = true;
      // Later: undici goes on with its queue only when it is not in the middle of asking.
      queueMicrotask(() => {
        if (!usable) callback(new Error('the connection was closed'), null);
        // A Duplex is all that undici's clients use of a socket.
        else callback(null, connection.stream as unknown as Socket);
      });
    },
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: settings.maxHeaderBytes,
    // The deadline is ours, too.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
  });
  // What undici tells nobody (an answer that nobody asked for) ends the connection, which is enough.
  (client as EventEmitter).on('error', () => undefined);
  return (_connection, call, _settings, stop) =>
    new Promise<HttpOutcome>((resolve) => {
      const builder = new OutcomeBuilder(connection, settings, stop);
      const finish = (outcome: HttpOutcome): void => {
        stop.signal.removeEventListener('abort', onStop);
        resolve(outcome);
      };
      const giveUp = (outcome: HttpOutcome): void => {
        finish(outcome);
        client.destroy(new Error('given up'), () => undefined);
        connection.stream.destroy();
      };
      const onStop = (): void => giveUp(builder.failed(new Error('given up')));
      stop.signal.addEventListener('abort', onStop, { once: true });
      if (stop.signal.aborted) return onStop();
      connection.wire.begin();
      try {
        client.dispatch(
          {
            path: call.path,
            method: call.method,
            headers: call.headers.flat(),
            body: call.body.length === 0 ? null : Buffer.from(call.body),
          },
          {
            onRequestStart: () => undefined,
            onResponseStart: (_controller, status, headers, statusText) => {
              if (status < 200) return;
              const fault = builder.head(status, statusText ?? '', headers);
              if (fault !== undefined) giveUp(builder.done(fault));
            },
            onResponseData: (_controller, chunk) => {
              const fault = builder.data(chunk);
              if (fault !== undefined) giveUp(builder.done(fault));
            },
            onResponseEnd: () => finish(builder.done()),
            onResponseError: (_controller, error) => giveUp(builder.failed(error)),
          },
        );
      } catch (error) {
        giveUp(builder.failed(error));
      }
    });
}

const hostOf = ({ host, port }: Settings): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
