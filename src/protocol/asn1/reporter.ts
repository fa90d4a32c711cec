/** Collects findings, and knows where in the message the decoder is: a path is built only when something is said. */
import { bytesToHex, shortAscii } from './primitive.js';
import { severityOf, type Finding, type FindingCode } from './findings.js';

/** Below this many bytes a text is put together by hand. */
const SHORT = 20;

export class Reporter {
  readonly findings: Finding[] = [];
  /** Steps from the root to where the decoder is: a field's name, or a place in a list. Valid up to `depth`. */
  protected readonly steps: (string | number)[] = [];
  protected depth = 0;
  #full = false;

  readonly #buffer: ArrayBufferLike;
  readonly #base: number;
  #latin1: Buffer | undefined = undefined;

  constructor(
    readonly bytes: Uint8Array,
    readonly maxFindings: number,
  ) {
    this.#buffer = bytes.buffer;
    this.#base = bytes.byteOffset;
  }

  /** `below` names a field under the present place that is not there. */
  say(code: FindingCode, offset: number, expected: string, actual: string, below = ''): void {
    if (this.#full) return;
    if (this.findings.length >= this.maxFindings) {
      this.#full = true;
      code = 'too-many-findings';
      expected = `at most ${this.maxFindings}`;
      actual = 'more';
    }
    let path = '';
    for (let i = 0; i <= this.depth; i++) {
      const step = this.steps[i];
      if (typeof step === 'number') path += `[${step}]`;
      else if (step !== undefined && step !== '') path += path === '' ? step : `.${step}`;
    }
    if (below !== '') path += `.${below}`;
    this.findings.push({ severity: severityOf(code), code, path, offset, expected, actual });
  }

  /** The first bytes of a stretch in hex. */
  preview(from: number, to: number): string {
    const shown = bytesToHex(this.bytes.subarray(from, Math.min(to, from + 16)));
    return to - from > 16 ? `${shown}...` : shown;
  }

  /** A view on the input. The constructor is several times cheaper than `subarray`. */
  view(from: number, to: number): Uint8Array {
    return new Uint8Array(this.#buffer, this.#base + from, to - from);
  }

  /** The text in `[from, to)` when it is plain ASCII. */
  ascii(from: number, to: number): string | undefined {
    for (let i = from; i < to; i++) if ((this.bytes[i] as number) >= 0x80) return undefined;
    if (to - from <= SHORT) return shortAscii(this.bytes, from, to);
    this.#latin1 ??= Buffer.from(this.#buffer, this.#base, this.bytes.length);
    return this.#latin1.toString('latin1', from, to);
  }
}
