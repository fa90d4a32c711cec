/** The message about one problem, the same on the terminal, in Allure and in JUnit. */
import type { Problem, SequenceResult, StepResult } from '../src/engine/result.js';
import { folderName } from '../src/engine/run-store.js';
import { bytesAt } from './hex.js';
import { redact } from './redact.js';
import { clip, oneLine, visible } from './text.js';

const VALUE_LIMIT = 400;
const PHASES = { initial: 'initial condition', test: 'step', restore: 'restore' } as const;

/** `step 2`, `initial condition 1`: the phase tells which count is meant. */
export const stepName = (step: StepResult): string => `${PHASES[step.phase]} ${step.number}`;

/** The step that has this problem, or undefined for one of the sequence as a whole. */
export function stepOf(result: SequenceResult, problem: Problem): StepResult | undefined {
  const wanted = JSON.stringify(problem);
  return result.steps.find((step) =>
    step.problems.some((p) => p === problem || JSON.stringify(p) === wanted),
  );
}

/** `SGP.32 5.9.1` as `SGP.32/5.9.1`: one word, so that a line can be split at blanks. */
const clauseWord = (clause: string): string => clause.trim().replace(/\s+/, '/');

/** `timeline.jsonl:17`, the last event of the step, below the given run folder. */
function traceOf(result: SequenceResult, step: StepResult | undefined, run: string): string {
  const file = `${run}sequences/${folderName(result.id)}/timeline.jsonl`;
  if (step === undefined || step.events[1] <= step.events[0]) return file;
  return `${file}:${step.events[1]}`;
}

/**
 * Lines about a problem: verdict, cause, id, step, clauses and YAML place; then the ASN.1 path with tag and
 * offset, expected, actual, the bytes there, and where the trace is.
 *
 * @param run folder of the run store as the reader should see it, with a slash at its end; empty for
 * a path below the store.
 */
export function failureLines(result: SequenceResult, problem: Problem, run = ''): string[] {
  const step = stepOf(result, problem);
  const head = [
    `${result.verdict} ${problem.cause}`,
    step === undefined ? result.id : `${result.id} ${stepName(step)}`,
    problem.clauses.map(clauseWord).join(' '),
    `${problem.place.file}:${problem.place.line}`,
  ];
  const where = [
    problem.path ?? '',
    problem.tag ?? '',
    problem.offset === undefined ? '' : `@0x${problem.offset.toString(16)}`,
  ];
  const value = (name: string, text: string | undefined): string[] =>
    text === undefined
      ? []
      : [
          `    ${name.padEnd(9)} ${clip(visible(redact(text)), VALUE_LIMIT)
            .split('\n')
            .join('\n' + ' '.repeat(14))}`,
        ];
  const bytes = bytesAt(redact(step?.answer?.hex ?? ''), problem.offset);
  const lines = [
    head
      .filter((t) => t !== '')
      .map(oneLine)
      .join('  '),
    `  ${clip(oneLine(where.filter((t) => t !== '').join('  ') || problem.message), VALUE_LIMIT)}`,
    ...(where.every((t) => t === '') || saysNothingNew(problem)
      ? []
      : [`    ${clip(oneLine(redact(problem.message)), VALUE_LIMIT)}`]),
    ...value('expected', problem.expected),
    ...value('actual', problem.actual),
    ...value('bytes', bytes === '' ? undefined : bytes),
    ...(problem.requirements.length === 0
      ? []
      : [`  requirement  ${oneLine(problem.requirements.join(', '))}`]),
    `  trace  ${traceOf(result, step, run)}`,
  ];
  return lines.map(redact);
}

/** A message that is made of the path, what was expected and what came, all of which have their own lines. */
const saysNothingNew = ({ message, path, expected, actual }: Problem): boolean =>
  message === `${path ?? ''}: expected ${expected ?? ''}, got ${actual ?? ''}`;

/** Lines for a verdict without a problem: its reason, or that none was given. */
export const reasonLine = (result: SequenceResult): string =>
  `${result.verdict}  ${oneLine(redact(`${result.id}  ${result.reason ?? 'no reason was recorded'}`))}`;
