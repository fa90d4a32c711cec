/** Whether a server looks at its cookie (RFC 6347 4.2.1): two hellos by hand, the second with a wrong cookie. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:dgram';
import { alertName } from './alerts.js';
import { encodeClientHello } from './client-hello.js';
import { DtlsError } from './errors.js';
import { systemError } from './host-error.js';
import { hostAndPort, openSocket, resolveHost } from './host-socket.js';
import { dtlsErrorOf } from './host-process.js';
import { HandshakeType, helloVerifyCookie, plaintextSigns } from './records.js';

export interface CookieProbeOptions {
  readonly host: string;
  readonly port: number;
  /** For server_name; null: none. */
  readonly servername: string | null;
  /** For all of it. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** Each datagram as it passed. */
  readonly trace?: (direction: 'out' | 'in', datagram: Uint8Array) => void;
}

/** `HelloVerifyRequest`, `ServerHello`, `alert ` with its name, or `nothing` until the deadline. */
export type HelloAnswer = string;

export interface CookieProbe {
  /** To the ClientHello without a cookie. */
  readonly hello: HelloAnswer;
  /** To that with the cookie of the HelloVerifyRequest, a bit of which is wrong; undefined when there was no cookie. */
  readonly wrongCookie: HelloAnswer | undefined;
}

/** RFC 6347 4.2.4.1. */
const FIRST_WAIT_MS = 1000;

/**
 * Leaves nothing behind: no handshake is gone on with.
 * @throws {DtlsError} `dtls-handshake` for a refused port or an unknown host (`systemCode`), `dtls-closed` when the
 *   signal fires.
 */
export async function probeCookie(options: CookieProbeOptions): Promise<CookieProbe> {
  const { host, port, servername, deadlineMs, signal } = options;
  const ends = performance.now() + deadlineMs;
  const peer = await connected(host, port, options.trace);
  const random = randomBytes(32);
  let recordSequence = 0;
  const hello = (cookie: Uint8Array, messageSequence: number) => (): Uint8Array =>
    encodeClientHello({ random, cookie, servername, messageSequence, recordSequence: recordSequence++ });
  try {
    const bare = await peer.ask(hello(new Uint8Array(0), 0), 0, ends, signal);
    const { cookie } = bare;
    if (cookie === undefined || cookie.length === 0) return { hello: bare.answer, wrongCookie: undefined };
    const wrong = Uint8Array.from(cookie);
    wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
    // A hello that was sent more than once may be answered as often.
    const other = await peer.ask(hello(wrong, 1), bare.sent - 1, ends, signal);
    return { hello: bare.answer, wrongCookie: other.answer };
  } finally {
    peer.close();
  }
}

interface Answered {
  readonly answer: HelloAnswer;
  readonly cookie?: Uint8Array | undefined;
  /** How often the hello went out. */
  readonly sent: number;
}

async function connected(host: string, port: number, trace: CookieProbeOptions['trace']): Promise<Peer> {
  const place = hostAndPort(host, port);
  try {
    const remote = await resolveHost(host);
    const socket = openSocket(remote);
    const connect = once(socket, 'connect');
    socket.connect(port, remote.address);
    await connect;
    return new Peer(socket, place, trace);
  } catch (error) {
    throw dtlsErrorOf({ ...systemError('dtls-handshake', 'The peer cannot be reached', error), place });
  }
}

class Peer {
  #onDatagram: ((datagram: Uint8Array) => void) | undefined;
  #onError: ((error: Error) => void) | undefined;

  constructor(
    readonly socket: Socket,
    readonly place: string,
    readonly trace: CookieProbeOptions['trace'],
  ) {
    socket.on('message', (datagram) => {
      const bytes = Uint8Array.from(datagram);
      trace?.('in', bytes);
      this.#onDatagram?.(bytes);
    });
    socket.on('error', (error) => this.#onError?.(error));
  }

  /**
   * Sends until something comes that answers.
   * @param stale HelloVerifyRequests that may still come for an earlier hello.
   */
  ask(make: () => Uint8Array, stale: number, ends: number, signal?: AbortSignal): Promise<Answered> {
    return new Promise((resolve, reject) => {
      let sent = 0;
      let left = stale;
      let wait = FIRST_WAIT_MS;
      let timer: NodeJS.Timeout | undefined;
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#onDatagram = this.#onError = undefined;
      };
      const fail = (error: DtlsError): void => (finish(), reject(error));
      const onAbort = (): void =>
        fail(new DtlsError('dtls-closed', 'The probe was aborted', { cause: signal?.reason }));
      const broken = (error: Error): void =>
        fail(
          dtlsErrorOf({
            ...systemError('dtls-handshake', 'The peer cannot be reached', error),
            place: this.place,
          }),
        );
      const send = (): void => {
        const rest = ends - performance.now();
        if (rest <= 0) {
          finish();
          return resolve({ answer: 'nothing', sent });
        }
        const datagram = make();
        sent += 1;
        this.trace?.('out', datagram);
        this.socket.send(datagram, (error) => {
          if (error !== null) broken(error);
        });
        timer = setTimeout(send, Math.min(wait, rest));
        wait *= 2;
      };
      this.#onError = broken;
      this.#onDatagram = (datagram) => {
        const seen = answerIn(datagram);
        if (seen === undefined) return;
        if (seen.cookie !== undefined && left > 0) {
          left -= 1;
          return;
        }
        finish();
        resolve({ ...seen, sent });
      };
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      send();
    });
  }

  close(): void {
    this.socket.close();
  }
}

/** Undefined for a datagram that answers no hello. */
function answerIn(datagram: Uint8Array): Pick<Answered, 'answer' | 'cookie'> | undefined {
  const cookie = helloVerifyCookie(datagram);
  if (cookie !== undefined) return { answer: 'HelloVerifyRequest', cookie };
  const { handshakes, fatalAlerts } = plaintextSigns(datagram);
  if (handshakes.includes(HandshakeType.serverHello)) return { answer: 'ServerHello' };
  const [alert] = fatalAlerts;
  return alert === undefined ? undefined : { answer: `alert ${alertName(alert)}` };
}
