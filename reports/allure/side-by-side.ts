/** Expected and actual in two columns, for a step that did not pass. */
import type { Problem, StepResult } from '../../src/engine/result.js';
import { redact } from '../redact.js';
import { clip, escapeMarkup } from '../text.js';

const COLUMN = 32 * 1024;
const STYLE =
  'body{background:#fff;color:#000}' +
  'table{border-collapse:collapse;font:12px monospace;width:100%}' +
  'td,th{border:1px solid #999;padding:4px;text-align:left;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere;width:50%}' +
  'mark{background:#fbb}';

/** A whole HTML page of its own; everything in it is escaped and it refers to nothing. */
export function sideBySide(step: StepResult): string {
  const problems = step.problems.map(problemRows).join('');
  const whole =
    step.expected === undefined && step.actual === undefined
      ? ''
      : row(step.expected ?? '', step.actual ?? '');
  return (
    `<!DOCTYPE html><html><head><meta charset="utf-8"><style>${STYLE}</style></head><body>` +
    `<table><tr><th>expected</th><th>actual</th></tr>${problems}${whole}</table></body></html>`
  );
}

function problemRows(problem: Problem): string {
  const offset = problem.offset === undefined ? '' : ` @0x${problem.offset.toString(16)}`;
  const where = [problem.path, problem.tag].filter((t) => t !== undefined).join(' ');
  const title = `<tr><th colspan="2">${safe(`${problem.cause}: ${where}${offset} ${problem.message}`)}</th></tr>`;
  return `${title}${row(problem.expected ?? '', problem.actual ?? '')}`;
}

/** A line that the other side does not have is marked. */
function row(expected: string, actual: string): string {
  return `<tr><td>${column(expected, actual)}</td><td>${column(actual, expected)}</td></tr>`;
}

function column(text: string, other: string): string {
  const others = new Set(other.split('\n').map((l) => l.trim()));
  return clip(redact(text), COLUMN)
    .split('\n')
    .map((line) => (others.has(line.trim()) ? safe(line) : `<mark>${safe(line)}</mark>`))
    .join('\n');
}

const safe = (text: string): string => escapeMarkup(redact(text));
