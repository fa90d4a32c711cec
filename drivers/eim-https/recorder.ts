/** The events of one exchange: what was sent and what came, with secrets left out. */
import type { TraceEvent } from '../contract.js';
import type { FactMap } from '../eim-contract.js';
import type { HttpWire } from './http-wire.js';
import type { HttpCall, HttpOutcome } from './http-exchange.js';

/** Names of headers whose values are nobody's business. */
export const SECRET =
  /^(?:authorization|proxy-authorization|cookie|set-cookie)$|key|token|secret|password|auth/i;

/** Bytes of a request's body: what a step sends only for its length is not worth more. */
const MAX_TRACED = 256 * 1024;

export class ExchangeRecorder {
  readonly events: TraceEvent[] = [];
  readonly #started: number;
  readonly #sink: ((event: TraceEvent) => void) | undefined;

  /** @param started `performance.now()` when the driver was opened. */
  constructor(started: number, sink: ((event: TraceEvent) => void) | undefined) {
    this.#started = started;
    this.#sink = sink;
  }

  note(text: string): void {
    this.#add({ kind: 'note', text });
  }

  tls(facts: FactMap): void {
    const { chain, ...others } = facts;
    const sent = Array.isArray(chain) ? chain.length : 0;
    this.#add({ kind: 'tls', text: JSON.stringify({ ...others, certificates: String(sent) }) });
  }

  /** To be called before the exchange: `head` is read when it is over. */
  request(call: HttpCall, wire: HttpWire): { sent(): void } {
    const at = performance.now() - this.#started;
    return {
      sent: () => {
        const head =
          wire.requestHead ||
          synthetic(`${call.method} ${call.path} HTTP/${wire.version ?? '2'}`, call.headers);
        const sent = call.body.subarray(0, call.cutAfter ?? call.body.length);
        const bytes = Uint8Array.from(sent.subarray(0, MAX_TRACED));
        this.#add({ kind: 'http-request', text: withoutSecrets(head), bytes }, at);
        if (bytes.length < sent.length)
          this.note(`only the first ${bytes.length} of ${sent.length} bytes of the body are kept here`);
      },
    };
  }

  response(outcome: HttpOutcome, wire: HttpWire): void {
    if (outcome.status === undefined && wire.responseHead === '') return;
    const line = `HTTP/${wire.version ?? ''} ${outcome.status ?? ''} ${outcome.statusText}`.trimEnd();
    const head = wire.responseHead || synthetic(line, Object.entries(outcome.headers));
    this.#add({ kind: 'http-response', text: withoutSecrets(head), bytes: outcome.body });
  }

  #add(event: Omit<TraceEvent, 'at'>, at = performance.now() - this.#started): void {
    const full: TraceEvent = { at, ...event };
    this.events.push(full);
    this.#sink?.(full);
  }
}

/** HTTP/2 has no text: the same in the form of HTTP/1.1. */
const synthetic = (line: string, headers: readonly (readonly [string, string])[]): string =>
  [line, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n');

/** The head of a message with what no report may show replaced by `***`. */
export function withoutSecrets(head: string): string {
  const [first = '', ...lines] = head.split('\r\n');
  const shown = lines.map((line) => {
    const colon = line.indexOf(':');
    return colon > 0 && SECRET.test(line.slice(0, colon)) ? `${line.slice(0, colon)}: ***` : line;
  });
  return [first, ...shown].join('\r\n');
}
