import { Stage, Status, type TestResult } from 'allure-js-commons';
import { describe, expect, test } from 'vitest';
import { FACTS_LABEL, type TestFacts } from '../../reports/allure/calls.js';
import { storedVerdictListener } from '../../reports/allure/listener.js';

const facts: TestFacts = {
  status: Status.PASSED,
  details: {},
  start: 1,
  stop: 2,
  fullName: 'TC_A#01',
  titlePath: ['a', 'b', 'c'],
};

function written(status: Status, stored?: TestFacts): TestResult {
  const carrier = stored === undefined ? [] : [{ name: FACTS_LABEL, value: JSON.stringify(stored) }];
  const result: TestResult = {
    uuid: 'u',
    status,
    statusDetails: { message: 'what vitest says' },
    stage: Stage.PENDING,
    steps: [],
    attachments: [],
    parameters: [],
    links: [],
    labels: [
      { name: 'host', value: 'laptop' },
      { name: 'suite', value: "vitest's" },
      ...carrier,
      { name: 'suite', value: 'ours' },
    ],
  };
  storedVerdictListener.beforeTestResultWrite?.(result);
  return result;
}

describe('the stored verdict', () => {
  test('replaces the status that vitest made of a thrown error', () => {
    const stored = { ...facts, status: Status.BROKEN, details: { message: 'INCONCLUSIVE timeout' } };
    const result = written(Status.FAILED, stored);
    expect([result.status, result.statusDetails.message]).toEqual(['broken', 'INCONCLUSIVE timeout']);
    expect(result.labels).toEqual([{ name: 'suite', value: 'ours' }]);
    expect([result.fullName, result.start, result.stop]).toEqual(['TC_A#01', 1, 2]);
  });

  test('does not hide that something broke after a PASS', () => {
    const result = written(Status.FAILED, facts);
    expect([result.status, result.statusDetails.message]).toEqual(['broken', 'what vitest says']);
  });

  test('leaves the results of other tests alone', () => {
    const result = written(Status.FAILED);
    expect([result.status, result.labels.length]).toEqual(['failed', 3]);
  });
});
