/** What the three ways of calling a vendor share. */
import type { TraceEvent } from '../contract.js';
import type { Answered } from './read-answer.js';
import type { Scope } from './render.js';

/** An answer may not be longer. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

export interface CallContext {
  readonly scope: Scope;
  readonly signal: AbortSignal | undefined;
  /** Records an event. Secrets in `text` are hidden by the caller of this. */
  readonly record: (kind: TraceEvent['kind'], text: string, bytes?: Uint8Array) => void;
}

/** `refused` is set where the call itself says no: a person, or a command that prints `"accepted": false`. */
export interface CallAnswer extends Answered {
  readonly refused?: string;
}
