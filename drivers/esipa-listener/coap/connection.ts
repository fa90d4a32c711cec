/** One DTLS association of an IPAd, with CoAP on it. */
import type { TraceEvent } from '../../contract.js';
import type { FactMap } from '../../eim-contract.js';
import type { EsipaReply, ReplyOutcome } from '../../ipad-contract.js';
import {
  CoapServer,
  type CoapServerRequest,
  type CoapServerResponse,
} from '../../../src/transport/coap/index.js';
import type { DtlsConnection, DtlsError } from '../../../src/transport/dtls/index.js';
import type { ArrivalQueue } from '../arrival-queue.js';
import type { Clock } from '../clock.js';
import type { Settings } from '../options.js';
import { PendingMessage, type Answering } from '../pending-message.js';
import { AnswerProgress, coapAnswerOf } from './answer.js';
import { tlsFactsOf } from './dtls-options.js';
import { coapFactsOf, coapFindingsOf } from './request.js';

export interface CoapConnectionOwner {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly queue: ArrivalQueue;
  over(connection: CoapConnection): void;
}

/** An answer whose delivery tells nothing any more is given up after that. */
const SETTLE_MS = 15_000;
/** Whoever takes no notice of a RST sends again within that, by the timings of RFC 7252 4.8. */
const AFTER_RESET_MS = 3_000;
/** Events of messages that belong to no arrival yet. */
const MAX_EVENTS = 4096;

export class CoapConnection {
  readonly number: number;
  readonly #owner: CoapConnectionOwner;
  readonly #server: CoapServer;
  readonly #pending = new Set<PendingMessage>();
  /** Ends the waits for what becomes of answers. */
  readonly #settling = new Set<() => void>();
  #tls: FactMap;
  #events: TraceEvent[] = [];
  #requests = 0;
  #dismissed = false;
  #idle: NodeJS.Timeout;

  constructor(channel: DtlsConnection, number: number, owner: CoapConnectionOwner) {
    this.number = number;
    this.#owner = owner;
    const { limits } = owner.settings;
    this.#tls = tlsFactsOf(channel.facts);
    this.#idle = setTimeout(() => this.#idled(), limits.idleMs);
    this.#server = new CoapServer(channel, (request) => this.#handle(request), {
      maxPayload: limits.bodyBytes,
      maxBodies: 1,
      bodyLifetimeMs: limits.requestMs,
      trace: (direction, bytes, text) => this.#traced(direction, bytes, text),
      onRefused: (reason, datagram) => this.#refused(reason, datagram),
    });
    channel.onClose((error) => this.#finish(error));
    const event = owner.clock.event({
      kind: 'tls',
      text: JSON.stringify({ connection: String(number), ...this.#tls }),
    });
    const arrival = { at: event.at, connection: number, facts: { tls: this.#tls }, events: [event] };
    if (!owner.queue.push({ kind: 'session', ...arrival })) void this.goodbye();
  }

  /** Ends with close_notify. */
  async goodbye(): Promise<void> {
    this.#dismissed = true;
    clearTimeout(this.#idle);
    await this.#server.close();
  }

  /** Refuses what waits, and ends. */
  async dismiss(): Promise<void> {
    this.refuse();
    // What was just answered goes out before the end.
    await new Promise<void>((resolve) => setImmediate(resolve));
    await this.goodbye();
  }

  /** Refuses what waits; its end is ordered. */
  refuse(): void {
    this.#dismissed = true;
    for (const pending of [...this.#pending]) pending.refuse();
  }

  #handle(request: CoapServerRequest): Promise<CoapServerResponse> {
    this.#requests += 1;
    this.#settleAll();
    const { clock, queue, settings } = this.#owner;
    return new Promise((resolve) => {
      const answering = this.#answering((response) => {
        this.#pending.delete(pending);
        resolve(response);
      });
      const pending: PendingMessage = new PendingMessage(
        {
          at: clock.now(),
          connection: this.number,
          binding: 'asn1',
          data: request.payload,
          findings: coapFindingsOf(request),
          facts: { tls: this.#tls, coap: coapFactsOf(request) },
          events: this.#takeEvents(),
        },
        answering,
        settings.answerDeadlineMs,
      );
      this.#pending.add(pending);
      if (this.#dismissed || !queue.push(pending.arrival)) pending.refuse();
    });
  }

  #answering(answer: (response: CoapServerResponse) => void): Answering {
    const said = (text: string, response: CoapServerResponse): (() => Promise<ReplyOutcome>) => {
      return async () => {
        answer(response);
        return { events: [this.#note(text)], facts: {} };
      };
    };
    return {
      prepare: (reply) => {
        if (reply.silence === true) return said('nothing is said', SILENCE);
        if (reply.close === true) {
          const close = said('the session is closed in place of an answer', SILENCE);
          return async () => {
            const outcome = await close();
            await this.goodbye();
            return outcome;
          };
        }
        const response = coapAnswerOf(reply);
        return () => this.#send(response, reply, answer);
      },
      refuse: () => answer({ code: '5.03' }),
      note: (text) => this.#note(text),
    };
  }

  #send(
    response: CoapServerResponse,
    reply: EsipaReply,
    answer: (response: CoapServerResponse) => void,
  ): Promise<ReplyOutcome> {
    const progress = new AnswerProgress(reply.coap ?? {});
    const patience = reply.coap?.reset === true ? AFTER_RESET_MS : SETTLE_MS;
    return new Promise((resolve) => {
      const settle = (): void => {
        if (!this.#settling.delete(settle)) return;
        clearTimeout(timer);
        // The last datagram is traced when it goes out, which is after it was told.
        setImmediate(() => resolve({ events: this.#takeEvents(), facts: { coap: progress.facts } }));
      };
      let timer = setTimeout(settle, patience);
      this.#settling.add(settle);
      answer({
        ...response,
        delivery: {
          ...response.delivery,
          onProgress: (one) => {
            progress.take(one);
            clearTimeout(timer);
            if (progress.over) settle();
            else if (this.#settling.has(settle)) timer = setTimeout(settle, patience);
          },
        },
      });
    });
  }

  #refused(reason: string, data: Uint8Array): void {
    if (this.#dismissed) return;
    const { clock, queue } = this.#owner;
    // Its refusal is traced when it goes out: it belongs to this arrival.
    setImmediate(() =>
      queue.push({
        kind: 'garbage',
        at: clock.now(),
        connection: this.number,
        facts: { tls: this.#tls },
        events: this.#takeEvents(),
        data: Uint8Array.from(data),
        reason,
      }),
    );
  }

  #traced(direction: 'out' | 'in', bytes: Uint8Array, text: string): void {
    const kind = direction === 'out' ? 'coap-out' : 'coap-in';
    const event = this.#owner.clock.event({ kind, bytes: Uint8Array.from(bytes), text });
    if (this.#events.length < MAX_EVENTS) this.#events.push(event);
    if (direction === 'out') return;
    this.#idle.refresh();
  }

  #takeEvents(): readonly TraceEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #note(text: string): TraceEvent {
    return this.#owner.clock.event({ kind: 'note', text: `connection ${this.number}: ${text}` });
  }

  #idled(): void {
    if (this.#dismissed) return;
    this.#tell('idle', undefined);
    void this.goodbye();
  }

  #settleAll(): void {
    for (const settle of [...this.#settling]) settle();
  }

  #finish(error: DtlsError | undefined): void {
    clearTimeout(this.#idle);
    for (const pending of this.#pending) pending.gone();
    this.#pending.clear();
    this.#settleAll();
    this.#owner.over(this);
    if (!this.#dismissed) this.#tell(error === undefined ? 'closed' : 'reset', error);
  }

  #tell(end: 'closed' | 'reset' | 'idle', error: DtlsError | undefined): void {
    this.#dismissed = true;
    const { clock, queue } = this.#owner;
    const alert = error?.facts?.alert;
    const tls = {
      ...this.#tls,
      ...(alert === undefined ? {} : { alert }),
      ...(error === undefined ? {} : { reason: error.actual ?? error.message }),
    };
    const text = JSON.stringify({ connection: String(this.number), end, ...tls });
    const event = clock.event({ kind: 'tls', text });
    queue.push({
      kind: 'closed',
      at: event.at,
      connection: this.number,
      facts: { tls, connection: { requests: String(this.#requests), end } },
      events: [...this.#takeEvents(), event],
    });
  }
}

const SILENCE: CoapServerResponse = { code: '2.04', delivery: { silent: true } };
