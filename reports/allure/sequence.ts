/**
 * A stored sequence as Allure calls. The one place that decides what a report shows, used live under vitest
 * and to make a report again from a run store.
 */
import { createHash } from 'node:crypto';
import { Status, type StatusDetails } from 'allure-js-commons';
import type {
  Phase,
  Problem,
  RunInfo,
  SequenceResult,
  StepResult,
  TimelineEvent,
} from '../../src/engine/result.js';
import { failureLines, reasonLine } from '../failure.js';
import { redact, redactSetting } from '../redact.js';
import { clip, oneLine } from '../text.js';
import type { AllureCalls } from './calls.js';
import { describeSequence } from './description.js';
import { exchangesText, exchangeText } from './exchange.js';
import { sideBySide } from './side-by-side.js';
import { allureStatus } from './status.js';

export interface StoredSequence {
  readonly run: RunInfo;
  readonly result: SequenceResult;
  readonly timeline: readonly TimelineEvent[];
}

const PARTS = { eUICC: 'SGP.33-1 eUICC', IPAd: 'SGP.33-2 IPAd', eIM: 'SGP.33-3 eIM' } as const;
const SHORT = 400;
const EXCHANGE = 'request, answer, APDUs';

const text = (value: string): string => clip(oneLine(redact(value)), SHORT);
const md5 = (value: string): string => createHash('md5').update(value).digest('hex');

/** Makes every call for one sequence, in one fixed order. Never throws on what a card or peer sent. */
export function reportSequence(calls: AllureCalls, stored: StoredSequence): void {
  const { run, result, timeline } = stored;
  const start = epoch(result.startedAt);
  const titlePath = [PARTS[result.iut], text(result.interface), text(result.function)];
  calls.facts({
    status: allureStatus(result.verdict),
    details: statusDetails(result),
    start,
    stop: start + Math.max(0, Math.round(result.durationMs)),
    fullName: result.id,
    titlePath,
  });
  calls.title(text(`${result.id} ${result.title} (${result.verdict}, ${result.provenance})`));
  calls.identity(md5(result.id), md5(`${result.id}\n${result.target}`));
  labels(calls, result, titlePath);
  for (const clause of new Set(result.clauses)) calls.link(clauseUrn(clause), text(clause), 'clause');
  for (const [name, value] of parameters(run, result)) calls.parameter(name, text(value));
  calls.description(describeSequence(result));
  group(calls, 'Initial conditions', 'initial', stored, start);
  for (const step of ofPhase(result, 'test'))
    reportStep(calls, step, stored, start, exchangeText(step, timeline));
  group(calls, 'Restore', 'restore', stored, start);
}

/** A stable name for a clause, `urn:gsma:sgp.32:5.9.1`: a text to search for that no viewer fetches. */
export function clauseUrn(clause: string): string {
  const [spec = '', ...rest] = clause.trim().split(/\s+/);
  return ['urn', 'gsma', spec.toLowerCase(), ...rest].map((t) => encodeURIComponent(t)).join(':');
}

function labels(calls: AllureCalls, result: SequenceResult, titlePath: readonly string[]): void {
  const [epic = '', feature = '', story = ''] = titlePath;
  const causes = new Set(result.problems.map((p) => p.cause));
  const each = (name: string, values: Iterable<string>): [string, string][] =>
    [...new Set(values)].map((value) => [name, value]);
  const all: [string, string][] = [
    ['epic', epic],
    ['feature', feature],
    ['story', story],
    // Viewers without "behaviors" group by suites.
    ['parentSuite', epic],
    ['suite', feature],
    ['subSuite', story],
    ['verdict', result.verdict],
    ['provenance', result.provenance],
    ...each('cause', causes),
    ...each('requirement', result.requirements),
    ...each('interpretation', result.interpretations),
    ...each('kills', result.kills),
    ...each('tag', [result.verdict, result.provenance]),
  ];
  for (const [name, value] of all) calls.label(name, text(value));
}

function parameters(run: RunInfo, result: SequenceResult): [string, string][] {
  const eid = Object.entries(run.identity).find(([name]) => name.toLowerCase() === 'eid');
  return [
    ['target', result.target],
    ...(eid === undefined ? [] : [['EID', redactSetting(...eid)] satisfies [string, string]]),
    ['SGP.32 version', run.target.sgp32Version],
    ['SGP.22 version', run.target.sgp22Version],
  ];
}

/** The message starts with verdict and cause, by which the categories sort. */
function statusDetails(result: SequenceResult): StatusDetails {
  if (result.verdict === 'PASS') return {};
  const [first, ...others] = result.problems;
  if (first === undefined) return { message: reasonLine(result) };
  const message = problemText(result, first);
  const trace = others.map((p) => problemText(result, p)).join('\n\n');
  return trace === '' ? { message } : { message, trace };
}

const problemText = (result: SequenceResult, problem: Problem): string =>
  failureLines(result, problem).join('\n');

const ofPhase = (result: SequenceResult, phase: Phase): StepResult[] =>
  result.steps.filter((s) => s.phase === phase);

/** Steps before and after the test, under one parent and with one attachment for all. */
function group(calls: AllureCalls, name: string, phase: Phase, stored: StoredSequence, start: number): void {
  const steps = ofPhase(stored.result, phase);
  const [first] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return;
  calls.beginStep(name, start + Math.round(first.at));
  for (const step of steps) reportStep(calls, step, stored, start, '');
  const text = exchangesText(steps, stored.timeline);
  if (text !== '') calls.attachment(EXCHANGE, 'text/plain', text);
  const bad = steps.find((s) => allureStatus(s.verdict) !== Status.PASSED);
  calls.endStep(allureStatus(bad?.verdict ?? 'PASS'), start + Math.round(last.at + last.durationMs));
}

function reportStep(
  calls: AllureCalls,
  step: StepResult,
  { result }: StoredSequence,
  start: number,
  exchange: string,
): void {
  calls.beginStep(text(`${step.number}  ${step.direction}: ${step.title}`), start + Math.round(step.at));
  const failed = step.problems.length > 0;
  if (failed) calls.attachment('expected | actual', 'text/html', sideBySide(step));
  if (exchange !== '') calls.attachment(EXCHANGE, 'text/plain', exchange);
  const details = failed
    ? { message: step.problems.map((p) => problemText(result, p)).join('\n\n') }
    : undefined;
  calls.endStep(allureStatus(step.verdict), start + Math.round(step.at + step.durationMs), details);
}

/** 0 for a time that is none, so that a damaged store still gives a report. */
function epoch(iso: string): number {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? 0 : ms;
}
