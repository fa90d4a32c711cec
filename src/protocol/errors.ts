/**
 * The one base class of every error that this project throws on purpose.
 *
 * `code` is stable (docs/errors.md lists each); the message is made from the parts, so that a reader sees
 * the place, what was expected, what came and the repair.
 */
export interface ErrorDetail {
  /** Where: `file.yaml:8:5`, an ASN.1 path, a byte offset, a reader name. */
  place?: string;
  expected?: string;
  actual?: string;
  /** What the user can do about it. */
  repair?: string;
  cause?: unknown;
}

export class Sgp33Error extends Error {
  readonly code: string;
  readonly place: string | undefined;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
  readonly repair: string | undefined;

  constructor(code: string, what: string, detail: ErrorDetail = {}) {
    super(compose(what, detail), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = new.target.name;
    this.code = code;
    this.place = detail.place;
    this.expected = detail.expected;
    this.actual = detail.actual;
    this.repair = detail.repair;
  }
}

function compose(what: string, { place, expected, actual, repair }: ErrorDetail): string {
  let text = place === undefined ? what : `${place}: ${what}`;
  if (expected !== undefined) text += `; expected ${expected}`;
  if (actual !== undefined) text += `; got ${actual}`;
  if (repair !== undefined) text += `. ${repair}`;
  return text;
}
