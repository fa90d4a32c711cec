/** Reads a folder of allure-results in a form that two runs can be compared in. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepResult, TestResult } from 'allure-js-commons';

export function readResults(folder: string): TestResult[] {
  return readdirSync(folder)
    .filter((f) => f.endsWith('-result.json'))
    .map((f) => JSON.parse(readFileSync(join(folder, f), 'utf8')) as TestResult)
    .sort((a, b) => (a.fullName ?? '').localeCompare(b.fullName ?? ''));
}

/** Without uuids: an attachment's random file name is replaced by what is in the file. */
export function normalised(folder: string): object[] {
  const withContent = (item: StepResult): object => ({
    ...item,
    uuid: undefined,
    attachments: item.attachments.map((a) => ({
      ...a,
      source: readFileSync(join(folder, a.source), 'utf8'),
    })),
    steps: item.steps.map(withContent),
  });
  return readResults(folder).map(withContent);
}

export const allSteps = (result: { steps: StepResult[] }): StepResult[] =>
  result.steps.flatMap((s) => [s, ...allSteps(s)]);
