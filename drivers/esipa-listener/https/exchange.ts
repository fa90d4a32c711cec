/** One request and its answer, in HTTP/1.1 and HTTP/2 alike. */
import type { Readable } from 'node:stream';
import type { TraceEvent } from '../../contract.js';
import type { FactMap } from '../../eim-contract.js';
import { SECRET, withoutSecrets } from '../../eim-https/recorder.js';
import type { EsipaReply, ReplyOutcome } from '../../ipad-contract.js';
import { httpAnswerOf, refusal, type HttpAnswer } from '../http-answer.js';
import { meaningOf, type HttpRequest, type RequestMeaning } from '../http-request.js';
import { PendingMessage, type Answering } from '../pending-message.js';
import type { ConnectionOwner, HttpsConnection } from './connection.js';

/** What a version of HTTP gives of a request. */
export interface HttpExchange {
  readonly request: Omit<HttpRequest, 'body'>;
  /** Request line and headers, as text. */
  readonly head: string;
  readonly body: Readable;
  /** Sends what `answer` has, up to its `cutAfter`. Resolves when it is out, or the IPAd is gone. @returns the head. */
  send(answer: HttpAnswer): Promise<string>;
}

type ReadBody =
  | { readonly kind: 'whole'; readonly body: Uint8Array }
  | { readonly kind: 'too-large' | 'no-room' | 'gone'; readonly body: Uint8Array };

/** Of a body that is none of a request, so much is shown. */
const KEPT = 4096;
const SECRET_VALUE = '***';

/** Reads a request and hands it on; what is too much is refused. Never rejects. */
export async function takeRequest(
  exchange: HttpExchange,
  connection: HttpsConnection,
  owner: ConnectionOwner,
): Promise<void> {
  const nr = connection.beginRequest();
  const at = owner.clock.now();
  const read = await readBody(exchange.body, owner);
  try {
    if (nr === undefined) return refuse(exchange, connection, 'too many requests at once', read.body, 503);
    if (read.kind === 'gone')
      return connection.garbage('the connection ended in the middle of a request', read.body.slice(0, KEPT));
    if (read.kind !== 'whole') {
      const tooLarge = read.kind === 'too-large';
      const limit = owner.settings.limits.bodyBytes;
      const reason = tooLarge ? `a body of more than ${limit} bytes` : 'more bytes than there is room for';
      return refuse(exchange, connection, reason, read.body, tooLarge ? 413 : 503);
    }
    handOn({ ...exchange.request, body: read.body }, exchange, connection, owner, { nr, at });
  } finally {
    owner.queue.release(read.body.length);
  }
}

function handOn(
  request: HttpRequest,
  exchange: HttpExchange,
  connection: HttpsConnection,
  owner: ConnectionOwner,
  { nr, at }: { nr: number; at: number },
): void {
  const { clock, queue, settings } = owner;
  const meaning = meaningOf(request, settings.sgp32Version, settings.serverName);
  const event = clock.event(
    { kind: 'http-request', text: withoutSecrets(exchange.head), bytes: request.body },
    at,
  );
  connection.watch.takeRequest();
  const pending: PendingMessage = new PendingMessage(
    {
      at,
      connection: connection.number,
      binding: meaning.binding,
      data: meaning.data,
      findings: meaning.findings,
      facts: factsOf(request, meaning, connection.tls, nr),
      events: [event],
    },
    new HttpAnswering(exchange, meaning, connection, owner, () => connection.done(pending)),
    settings.answerDeadlineMs,
  );
  connection.wait(pending);
  if (!queue.push(pending.arrival)) pending.refuse();
}

class HttpAnswering implements Answering {
  readonly #exchange: HttpExchange;
  readonly #meaning: RequestMeaning;
  readonly #connection: HttpsConnection;
  readonly #owner: ConnectionOwner;
  readonly #done: () => void;

  constructor(
    exchange: HttpExchange,
    meaning: RequestMeaning,
    connection: HttpsConnection,
    owner: ConnectionOwner,
    done: () => void,
  ) {
    this.#exchange = exchange;
    this.#meaning = meaning;
    this.#connection = connection;
    this.#owner = owner;
    this.#done = done;
  }

  prepare(reply: EsipaReply): () => Promise<ReplyOutcome> {
    const connection = this.#connection;
    if (reply.silence === true)
      return async () => {
        connection.silence();
        return { events: [this.note('nothing is said')], facts: {} };
      };
    if (reply.close === true)
      return async () => {
        await connection.goodbye();
        return { events: [this.note('the connection is closed in place of an answer')], facts: {} };
      };
    const answer = httpAnswerOf(reply, this.#meaning.binding, this.#owner.settings.sgp32Version);
    return () => this.#send(answer);
  }

  refuse(): void {
    void this.#send(refusal(503, 'Nobody answers this request'));
  }

  note(text: string): TraceEvent {
    return this.#owner.clock.event({ kind: 'note', text: `connection ${this.#connection.number}: ${text}` });
  }

  async #send(answer: HttpAnswer): Promise<ReplyOutcome> {
    const head = await this.#exchange.send(answer);
    if (answer.cutAfter !== undefined) this.#connection.reset();
    this.#done();
    const { body, cutAfter, zeros } = answer;
    const bytes = Uint8Array.from(body.subarray(0, Math.min(cutAfter ?? Infinity, body.length - zeros)));
    const cut = cutAfter === undefined ? [] : [this.note('the connection was reset')];
    const filled = zeros === 0 ? [] : [this.note(`${zeros} zeros follow the body`)];
    return {
      events: [this.#owner.clock.event({ kind: 'http-response', text: head, bytes }), ...filled, ...cut],
      facts: {},
    };
  }
}

function refuse(
  exchange: HttpExchange,
  connection: HttpsConnection,
  reason: string,
  body: Uint8Array,
  status: number,
): void {
  connection.garbage(reason, body.slice(0, KEPT));
  // What comes is passed over, so that the IPAd gets to read the answer.
  exchange.body.resume();
  void exchange.send(refusal(status, reason)).then(() => connection.goodbye());
}

function factsOf(
  { version, method, path, headers, body }: HttpRequest,
  meaning: RequestMeaning,
  tls: FactMap,
  nr: number,
): FactMap {
  const shown = Object.entries(headers).map(([name, value]) => [
    name,
    SECRET.test(name) ? SECRET_VALUE : value,
  ]);
  return {
    tls,
    http: {
      version,
      method,
      path,
      headers: Object.fromEntries(shown) as Record<string, string>,
      bodyLength: String(body.length),
      connectionRequest: String(nr),
    },
    ...(meaning.json === undefined ? {} : { json: meaning.json }),
  };
}

/** The bytes of `body` are reserved in the queue until they are released. */
function readBody(stream: Readable, { queue, settings }: ConnectionOwner): Promise<ReadBody> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let length = 0;
    const end = (kind: ReadBody['kind']): void => {
      stream.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      stream.on('error', ignore);
      resolve({ kind, body: new Uint8Array(Buffer.concat(parts, length)) });
    };
    const onData = (part: Buffer): void => {
      if (length + part.length > settings.limits.bodyBytes) return end('too-large');
      if (!queue.reserve(part.length)) return end('no-room');
      length += part.length;
      parts.push(part);
    };
    const onEnd = (): void => end('whole');
    const onGone = (): void => end('gone');
    stream.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}

const ignore = (): void => undefined;
