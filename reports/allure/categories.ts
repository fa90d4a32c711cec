/** Allure's categories: one for each cause, so that failures of one kind stand together. */
import { Status } from 'allure-js-commons';
import type { Category } from 'allure-js-commons/sdk';
import type { Cause } from '../../src/engine/result.js';

const NAMES: Readonly<Record<Cause, string>> = {
  'wrong-value': 'Wrong value',
  'wrong-error-code': 'Wrong error code',
  signature: 'Signature or certificate',
  missing: 'Missing element or message',
  unexpected: 'Unexpected element or message',
  malformed: 'Malformed encoding',
  timeout: 'No answer in time',
  'initial-condition': 'Initial condition not reached',
  'not-restored': 'State not restored',
  environment: 'Test environment',
  tool: 'Error of the tool',
};

const causes = Object.entries(NAMES) as [Cause, string][];

/** For `categories.json`: sorted by the first line of the status message, `FAIL wrong-value  TC_...`. */
export const categories: readonly Category[] = [
  ...causes.map(([cause, name]) => ({
    name,
    messageRegex: `^(FAIL|INCONCLUSIVE|ERROR|NOT_RUN) ${cause}\\s[\\s\\S]*`,
    matchedStatuses: [Status.FAILED, Status.BROKEN, Status.SKIPPED],
  })),
  { name: 'Not applicable', messageRegex: '^NOT_APPLICABLE[\\s\\S]*', matchedStatuses: [Status.SKIPPED] },
  { name: 'Not run', messageRegex: '^NOT_RUN[\\s\\S]*', matchedStatuses: [Status.SKIPPED] },
];

/** A category as Allure 3 takes it in its configuration: by label, which no message text can imitate. */
export interface CategoryRule {
  readonly name: string;
  readonly matchers: { readonly labels: Readonly<Record<string, RegExp>> };
  readonly groupByMessage: false;
}

/** The same categories for the HTML report. */
export const categoryRules: readonly CategoryRule[] = [
  ...causes.map(([cause, name]) => rule(name, 'cause', cause)),
  rule('Not applicable', 'verdict', 'NOT_APPLICABLE'),
  rule('Not run', 'verdict', 'NOT_RUN'),
];

function rule(name: string, label: string, value: string): CategoryRule {
  return { name, matchers: { labels: { [label]: new RegExp(`^${value}$`) } }, groupByMessage: false };
}
