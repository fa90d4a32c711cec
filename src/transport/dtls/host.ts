/**
 * The child process that holds OpenSSL and the UDP sockets (`node host.js`, with an IPC channel).
 *
 * A wrong pointer in a foreign function call ends a process: this one, and not the one that runs the tests.
 */
import { hostErrorOf } from './host-error.js';
import { HostClient } from './host-client.js';
import type { HostEvent, HostRequest } from './host-protocol.js';
import { HostServer } from './host-server.js';
import type { HostSession } from './host-session.js';
import { registerCallbacks } from './openssl-callbacks.js';
import type { OpenSslHost } from './openssl-context.js';
import { loadOpenSsl } from './openssl.js';

/** Bytes of messages on their way to a parent that does not keep up; more are dropped, as UDP would. */
const MAX_IN_FLIGHT = 8 << 20;

// Ctrl-C reaches the whole process group; the parent decides when sessions end.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
process.on('uncaughtException', (error) => {
  process.send?.([{ kind: 'fatal', message: error.stack ?? error.message }], () => process.exit(1));
});

const clients = new Map<number, HostClient>();
let server: HostServer | undefined;
let waiting: HostEvent[] = [];
let inFlight = 0;

const host = load();
if (host !== undefined) {
  process.on('message', (requests: readonly HostRequest[]) => {
    for (const request of requests) handle(host, request);
  });
  emit({ kind: 'ready' });
}

function load(): OpenSslHost | undefined {
  try {
    const loaded = loadOpenSsl();
    return { ...loaded, callbacks: registerCallbacks(loaded) };
  } catch (error) {
    emit({ kind: 'unusable', reason: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function handle(openSsl: OpenSslHost, request: HostRequest): void {
  switch (request.kind) {
    case 'connect':
      clients.set(request.session, new HostClient(openSsl, request.session, request.options, emit));
      return;
    case 'close':
      clients.get(request.session)?.close();
      sessionOf(request.session)?.close();
      return;
    case 'send': {
      const session = sessionOf(request.session);
      answer(request.id, session === undefined ? 'the session is over' : session.send(request.data));
      return;
    }
    case 'replay':
      answer(
        request.id,
        sessionOf(request.session)?.replay() === true ? undefined : 'there is no record to send again',
      );
      return;
    case 'serve':
      settle(request.id, async () => {
        server = new HostServer(openSsl, request.options, emit);
        return server.bind();
      });
      return;
    case 'reconfigure':
      settle(request.id, async () => {
        server?.reconfigure(request.options);
        return undefined;
      });
      return;
    case 'stats':
      settle(request.id, async () => ({
        ...(server?.count() ?? { established: clients.size, halfOpen: 0 }),
        memory: process.memoryUsage.rss(),
        pid: process.pid,
      }));
      return;
    case 'stop':
      settle(request.id, async () => {
        await server?.stop();
        return undefined;
      });
      return;
  }
}

/** `session` is a client's or the server's: a child process serves one of the two. */
function sessionOf(session: number): HostSession | undefined {
  return clients.get(session)?.session ?? server?.session(session);
}

function answer(id: number, refusal: string | undefined): void {
  if (refusal === undefined) emit({ kind: 'done', id });
  else
    emit({ kind: 'failed', id, error: { code: 'dtls-closed', what: 'Nothing was sent', actual: refusal } });
}

type DoneValue = Extract<HostEvent, { kind: 'done' }>['value'];

function settle(id: number, work: () => Promise<DoneValue>): void {
  work().then(
    (value) => emit({ kind: 'done', id, value }),
    (error: unknown) => emit({ kind: 'failed', id, error: hostErrorOf(error) }),
  );
}

function emit(event: HostEvent): void {
  if (event.kind === 'closed') clients.delete(event.session);
  if (event.kind === 'message') {
    if (inFlight + event.data.length > MAX_IN_FLIGHT) return;
    inFlight += event.data.length;
  }
  waiting.push(event);
  if (waiting.length === 1) setImmediate(flush);
}

function flush(): void {
  const events = waiting;
  waiting = [];
  const size = events.reduce((sum, event) => sum + (event.kind === 'message' ? event.data.length : 0), 0);
  process.send?.(events, () => {
    inFlight -= size;
  });
}
