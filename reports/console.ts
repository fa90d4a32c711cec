/** What the terminal shows of a sequence. */
import { styleText } from 'node:util';
import type { SequenceResult, Verdict } from '../src/engine/result.js';
import { failureLines, reasonLine } from './failure.js';
import { redact } from './redact.js';
import { clip, oneLine } from './text.js';

export interface ConsoleOptions {
  /** Default: {@link wantsColour} of standard output. */
  readonly colour?: boolean;
  /** Folder of the run store as the user may type it, `runs/2026-11-22T19-02-11`. */
  readonly run?: string;
}

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<Verdict, Style>> = {
  PASS: 'green',
  FAIL: ['red', 'bold'],
  INCONCLUSIVE: 'yellow',
  NOT_APPLICABLE: 'gray',
  NOT_RUN: 'gray',
  ERROR: ['magenta', 'bold'],
};
const WIDTH = 'NOT_APPLICABLE'.length;
const TITLE = 160;

/** Colours for a terminal only, never with `NO_COLOR` (any value but an empty one), always with `FORCE_COLOR` (but `0`). */
export function wantsColour(
  stream: { readonly isTTY?: boolean } = process.stdout,
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** `PASS            TC_...#01  title  12 ms`, with the reason of a sequence that did not run. */
export function progressLine(result: SequenceResult, options: ConsoleOptions = {}): string {
  const skipped = result.verdict === 'NOT_APPLICABLE' || result.verdict === 'NOT_RUN';
  const tail = skipped ? (result.reason ?? 'no reason was recorded') : `${Math.round(result.durationMs)} ms`;
  const rest = [result.id, clip(oneLine(result.title), TITLE), tail].map(oneLine).join('  ');
  return `${paint(result.verdict.padEnd(WIDTH), result.verdict, options)}  ${redact(rest)}`;
}

/** Every problem of a sequence with place, path, expected and actual; empty for a PASS and for a sequence that did not run. */
export function failureText(result: SequenceResult, options: ConsoleOptions = {}): string {
  if (result.verdict === 'PASS' || result.verdict === 'NOT_APPLICABLE' || result.verdict === 'NOT_RUN')
    return '';
  const run = options.run === undefined ? '' : `${options.run.replace(/\/+$/, '')}/`;
  if (result.problems.length === 0) return paintHead(reasonLine(result), result.verdict, options);
  return result.problems
    .map((problem) => {
      const [head = '', ...rest] = failureLines(result, problem, run);
      return [paintHead(head, result.verdict, options), ...rest].join('\n');
    })
    .join('\n');
}

const paintHead = (line: string, verdict: Verdict, options: ConsoleOptions): string =>
  `${paint(verdict, verdict, options)}${line.slice(verdict.length)}`;

const paint = (text: string, verdict: Verdict, options: ConsoleOptions): string =>
  (options.colour ?? wantsColour()) ? styleText(STYLES[verdict], text, { validateStream: false }) : text;
