import { Sgp33Error, type ErrorDetail } from '../../src/protocol/errors.js';

/** A template, path or filter that can not be read: a mistake of whoever wrote the mapping. */
export class NotationError extends Sgp33Error {
  constructor(
    /** The message without its parts. */
    readonly what: string,
    readonly detail: ErrorDetail = {},
  ) {
    super('management-notation', what, detail);
  }
}

/** An answer that the mapping can not read. */
export const answerError = (what: string, detail: ErrorDetail = {}): Sgp33Error =>
  new Sgp33Error('management-answer', what, detail);

/** A value of the call that the mapping can not write. */
export const parameterError = (what: string, detail: ErrorDetail = {}): Sgp33Error =>
  new Sgp33Error('management-parameter', what, detail);
