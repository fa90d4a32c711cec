/** Triggers that somebody else takes: the device's own HTTP interface, or a person. */
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError } from '../contract.js';
import type { TriggerEnd } from '../ipad-contract.js';
import type { CallAnswer, CallContext } from '../management/call.js';
import type { EventRecorder } from '../management/events.js';
import type { Scope } from '../management/render.js';
import { recorderOf, type Tracer } from './trace.js';

const SHOWN = 4096;

export interface OutsideCall {
  readonly call: (context: CallContext) => Promise<CallAnswer>;
  /** HTTP statuses that say yes; undefined: a person. */
  readonly accepted: ((status: number) => boolean) | undefined;
}

export class OutsideCalls {
  readonly #pending = new Map<Promise<unknown>, AbortController>();

  constructor(private readonly tracer: Tracer) {}

  /**
   * Asks; does not wait for the answer. The request goes into the events of the trigger, the answer into those of the end.
   * @returns rejects with {Sgp33Error} `trigger-failed`, {TransportError} `unreachable`, `timeout`, `aborted`,
   *   `communication`.
   */
  start(
    { call, accepted }: OutsideCall,
    scope: Scope,
    recorder: EventRecorder,
    signal: AbortSignal | undefined,
  ): Promise<TriggerEnd> {
    const stop = new AbortController();
    const after = recorderOf(this.tracer);
    const record: CallContext['record'] = (kind, text, bytes) =>
      (kind === 'api-request' ? recorder : after).record(kind, text, bytes);
    const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
    const ended = (async (): Promise<TriggerEnd> => {
      try {
        const answer = await call({ scope, signal: both, record });
        return this.#told(answer, accepted, after);
      } catch (error) {
        if (stop.signal.aborted && signal?.aborted !== true)
          return { how: 'stopped', output: '', outputBytes: 0, events: after.events };
        throw asFailure(error, after);
      }
    })();
    this.#pending.set(ended, stop);
    const forget = (): void => void this.#pending.delete(ended);
    ended.then(forget, forget);
    return ended;
  }

  /** Nobody waits for an answer any longer. */
  async stop(): Promise<void> {
    const pending = [...this.#pending];
    for (const [, stop] of pending) stop.abort();
    await Promise.allSettled(pending.map(([ended]) => ended));
  }

  #told(
    { status, text, refused }: CallAnswer,
    accepted: OutsideCall['accepted'],
    after: EventRecorder,
  ): TriggerEnd {
    const yes = refused === undefined && (accepted === undefined || accepted(status));
    if (!yes)
      throw new Sgp33Error('trigger-failed', 'the device did not take the trigger', {
        actual: refused ?? `HTTP ${status} ${this.tracer.hide(text).slice(0, 200)}`.trim(),
      });
    const output = this.tracer.hide(text).slice(-SHOWN);
    const outputBytes = Buffer.byteLength(text);
    return accepted === undefined
      ? { how: 'done', output, outputBytes, events: after.events }
      : { how: 'answered', exitCode: status, output, outputBytes, events: after.events };
  }
}

/** What is wrong is a failure of the trigger, whatever the machinery of the management API calls it. */
export function asFailure(error: unknown, { events }: EventRecorder): unknown {
  if (!(error instanceof Sgp33Error)) return error;
  if (error instanceof TransportError || error.code === 'trigger-failed')
    return Object.assign(error, { events });
  const { expected, actual, repair } = error;
  const failure = new Sgp33Error('trigger-failed', 'the trigger could not be fired', {
    actual: actual ?? error.message,
    ...(expected === undefined ? {} : { expected }),
    ...(repair === undefined ? {} : { repair }),
    cause: error,
  });
  return Object.assign(failure, { events });
}
