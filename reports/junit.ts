/** JUnit XML, for CI servers: a test suite a test case, a test case a sequence. */
import type { RunInfo, SequenceResult } from '../src/engine/result.js';
import { environmentInfo } from './allure/environment.js';
import { failureLines, reasonLine } from './failure.js';
import { redact } from './redact.js';
import { clip, escapeMarkup, oneLine } from './text.js';

const SHORT = 400;

/**
 * The whole document. FAIL is a failure, INCONCLUSIVE and ERROR are errors, NOT_APPLICABLE and NOT_RUN are
 * skipped with their reason. Times are seconds.
 */
export function junitXml(run: RunInfo, results: readonly SequenceResult[]): string {
  const suites = new Map<string, SequenceResult[]>();
  for (const result of results) {
    const list = suites.get(result.testCase);
    if (list === undefined) suites.set(result.testCase, [result]);
    else list.push(result);
  }
  const properties = [
    ...Object.entries(environmentInfo(run)),
    ...(run.finishedAt === undefined ? [] : [['Finished', run.finishedAt] satisfies [string, string]]),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name: `sgp33 ${run.target.name}`, ...totals(results) })}>`,
    ...[...suites].map(([name, list]) => suite(name, list, properties)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(name: string, results: readonly SequenceResult[], properties: [string, string][]): string {
  const timestamp = results[0]?.startedAt.replace(/\.\d+Z$/, '') ?? '';
  return [
    `<testsuite ${attributes({ name, ...totals(results), timestamp })}>`,
    propertyList(properties),
    ...results.map(testCase),
    '</testsuite>',
  ].join('\n');
}

function testCase(result: SequenceResult): string {
  const { spec } = result.basis;
  const classname = [spec, result.interface, result.testCase].map((t) => t.replaceAll('.', '_')).join('.');
  const head = attributes({
    name: `${result.id} ${result.title}`,
    classname,
    time: seconds(result.durationMs),
    file: result.place.file,
    line: String(result.place.line),
  });
  const list: [string, string][] = [
    ['verdict', result.verdict],
    ['provenance', result.provenance],
    ...[...new Set(result.problems.map((p) => p.cause))].map((c): [string, string] => ['cause', c]),
    ...result.requirements.map((r): [string, string] => ['requirement', r]),
    ...result.clauses.map((c): [string, string] => ['clause', c]),
    ...result.interpretations.map((i): [string, string] => ['interpretation', i]),
  ];
  const lines = [`<testcase ${head}>`, propertyList(list), outcome(result), '</testcase>'];
  return lines.filter((l) => l !== '').join('\n');
}

function outcome(result: SequenceResult): string {
  if (result.verdict === 'PASS') return '';
  if (result.verdict === 'NOT_APPLICABLE' || result.verdict === 'NOT_RUN') {
    const message = result.reason ?? result.problems[0]?.message ?? 'no reason was recorded';
    return `<skipped ${attributes({ message: `${result.verdict}: ${message}` })}/>`;
  }
  const [first] = result.problems;
  const element = result.verdict === 'FAIL' ? 'failure' : 'error';
  const message = first?.message ?? result.reason ?? 'no reason was recorded';
  const body = result.problems.map((p) => failureLines(result, p).join('\n')).join('\n\n');
  const type = first === undefined ? result.verdict : `${result.verdict} ${first.cause}`;
  return `<${element} ${attributes({ message, type })}>${escapeMarkup(body || reasonLine(result))}</${element}>`;
}

function totals(results: readonly SequenceResult[]): Record<string, string> {
  const of = (...verdicts: string[]): string =>
    String(results.filter((r) => verdicts.includes(r.verdict)).length);
  return {
    tests: String(results.length),
    failures: of('FAIL'),
    errors: of('INCONCLUSIVE', 'ERROR'),
    skipped: of('NOT_APPLICABLE', 'NOT_RUN'),
    time: seconds(results.reduce((sum, r) => sum + r.durationMs, 0)),
  };
}

const propertyList = (list: readonly (readonly [string, string])[]): string =>
  list.length === 0
    ? ''
    : `<properties>\n${list.map(([name, value]) => `<property ${attributes({ name, value })}/>`).join('\n')}\n</properties>`;

const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escapeMarkup(clip(oneLine(redact(value)), SHORT))}"`)
    .join(' ');

const seconds = (ms: number): string => (Math.max(0, Number.isFinite(ms) ? ms : 0) / 1000).toFixed(3);
