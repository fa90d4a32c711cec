/** HTTP as the services behind the listeners see it, in version 1.1 and 2 alike. */

export interface HttpHead {
  readonly method: string;
  /** Path and query, as it came. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Server name that the TLS client indicated. */
  readonly servername?: string | undefined;
  /** Stands for the connection; equal objects, one connection. */
  readonly connection: object;
  /** How many requests this connection has had, this one included. */
  readonly nth: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /**
   * What becomes of the connection: `close` ends it after the answer and says so; `hang-up` ends it without saying so;
   * `reset` ends it without an answer. Default: it is kept.
   */
  readonly connection?: 'close' | 'hang-up' | 'reset';
}

/** What a listener asks. Answers never reject for anything that a peer sends. */
export interface HttpService {
  /** Before the body is read: the answer, when the head is refused. */
  refuse(head: HttpHead): HttpAnswer | undefined;
  answer(head: HttpHead, body: Uint8Array): Promise<HttpAnswer>;
  /** The body has more bytes than the limit. */
  tooLarge(head: HttpHead): HttpAnswer;
}

const utf8 = new TextEncoder();

export const NO_BODY = new Uint8Array(0);

export function textAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers },
    body: utf8.encode(text),
  };
}

export function jsonAnswer(status: number, value: unknown, contentType = 'application/json'): HttpAnswer {
  return { status, headers: { 'Content-Type': contentType }, body: utf8.encode(JSON.stringify(value)) };
}

/** `application/json` of `Application/JSON;charset=UTF-8`. */
export const mediaType = (header: string | undefined): string =>
  (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
