import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestResult } from 'allure-js-commons';
import { parseEnvInfo } from 'allure-js-commons/sdk/reporter';
import { describe, expect, test } from 'vitest';
import { categories, categoryRules } from '../../reports/allure/categories.js';
import { clauseUrn } from '../../reports/allure/sequence.js';
import { AllureResults, writeAllureResults } from '../../reports/index.js';
import { allSteps, readResults } from './allure-folder.js';
import { FAILED_ID, handMadeStore, run, sequence, sequences, step } from './hand-made-store.js';

const store = handMadeStore();
const folder = join(store.folder, 'allure-results');
writeAllureResults(store, folder);
const results = readResults(folder);

function byId(id: string): TestResult {
  const found = results.find((r) => r.fullName === id);
  if (found === undefined) throw new Error(`no result of ${id}`);
  return found;
}
const label = (result: TestResult, name: string): string[] =>
  result.labels.filter((l) => l.name === name).map((l) => l.value);
const content = (source: string): string => readFileSync(join(folder, source), 'utf8');

describe('a stored sequence in Allure', () => {
  test('one result a sequence, with status by verdict', () => {
    expect(Object.fromEntries(sequences.map((s) => [s.verdict, byId(s.id).status]))).toEqual({
      PASS: 'passed',
      FAIL: 'failed',
      INCONCLUSIVE: 'broken',
      NOT_APPLICABLE: 'skipped',
      ERROR: 'broken',
      NOT_RUN: 'skipped',
    });
  });

  test('labels, parameters, links and title', () => {
    const result = byId(FAILED_ID);
    expect(result.name).toBe(`${FAILED_ID} Invalid eimSignature (FAIL, derived)`);
    const names = ['epic', 'feature', 'story', 'verdict', 'provenance', 'cause', 'requirement', 'kills'];
    expect(names.map((n) => label(result, n).join())).toEqual([
      'SGP.33-1 eUICC',
      'ES10b',
      'LoadEuiccPackage',
      'FAIL',
      'derived',
      'wrong-error-code',
      'SGP32-5.9.1-verify-signature',
      'skip-eim-signature-check',
    ]);
    expect(result.parameters.map((p) => [p.name, p.value])).toEqual([
      ['target', 'builtin-euicc'],
      ['EID', '89049032123451234512345678901235'],
      ['SGP.32 version', '1.2'],
      ['SGP.22 version', '2.5'],
    ]);
    expect(result.links).toEqual([{ url: 'urn:gsma:sgp.32:5.9.1', name: 'SGP.32 5.9.1', type: 'clause' }]);
    expect(label(byId(sequences[0]?.id ?? ''), 'interpretation')).toEqual(['I-7']);
    expect(result.labels.some((l) => ['host', 'thread', 'sgp33.facts'].includes(l.name))).toBe(false);
    expect([result.start, result.stop]).toEqual([1795374132000, 1795374132042]);
  });

  test('the failure is told with path, tag, offset, bytes, clause and YAML place', () => {
    expect(byId(FAILED_ID).statusDetails.message).toMatchInlineSnapshot(`
      "FAIL wrong-error-code  TC_eUICC_ES10b.LoadEuiccPackage_Error'Cases+#02 step 2  SGP.32/5.9.1  suites/sgp33-1-euicc/load-euicc-package.yaml:21
        euiccPackageErrorUnsigned.associationToken  [4] INTEGER  @0x2
          the eUICC reported another error
          expected  > 4   (bound to <TOKEN> in step 1)
          actual    4
          bytes     03 84 01 04 90 00
        requirement  SGP32-5.9.1-verify-signature
        trace  sequences/TC_eUICC_ES10b.LoadEuiccPackage_Error~27Cases~2b~2302/timeline.jsonl:2"
    `);
  });

  test('a skipped sequence keeps its reason', () => {
    expect(byId('TC_eUICC_NoFallback#05').statusDetails.message).toContain('O_E_FALLBACK is not declared');
    expect(byId('TC_eUICC_Refused#07').statusDetails.message).toContain('needs allow: memory-reset');
  });

  test('steps with groups and few attachments', () => {
    const passed = byId('TC_eUICC_ES10b.LoadEuiccPackage#01');
    expect(passed.steps.map((s) => s.name)).toEqual([
      'Initial conditions',
      '1  S_IPA -> eUICC: send the package',
      '2  S_IPA -> eUICC: read back',
      'Restore',
    ]);
    const failed = byId(FAILED_ID).steps[1];
    expect(failed?.status).toBe('failed');
    expect(failed?.statusDetails.message).toContain('wrong-error-code');
    expect(failed?.attachments.map((a) => [a.name, a.type])).toEqual([
      ['expected | actual', 'text/html'],
      ['request, answer, APDUs', 'text/plain'],
    ]);
    const [html = '', exchange = ''] = failed?.attachments.map((a) => content(a.source)) ?? [];
    expect(html).toContain('<mark>  associationToken: 4</mark>');
    expect(exchange).toMatchInlineSnapshot(`
      "REQUEST  EuiccPackageRequest, 3 bytes
      BF5100

      euiccPackageRequest [81] SEQUENCE

      ANSWER  EuiccPackageResult, 8 bytes, SW 9000
      BF51038401049000

      associationToken [4] 4

      WIRE  milliseconds, direction, bytes
            12.100  ->  81E2910003BF5100  STORE DATA ch 1 block 0 last, 3 bytes BF51
            12.900  <-  BF51038401049000  9000 success"
    `);
    expect(passed.steps.map((s) => s.attachments.length)).toEqual([1, 1, 1, 1]);
  });

  test('the description tells purpose and steps', () => {
    expect(byId('TC_eUICC_ES10b.LoadEuiccPackage#01').description).toMatchInlineSnapshot(`
      "**ES10b.LoadEuiccPackage**: Enable a profile

      Basis: SGP.33-1 4.2.1, version 1.2. Provenance: derived. Source: suites/sgp33-1-euicc/load-euicc-package.yaml:21.

      Clauses: SGP.32 5.9.1.

      | Step | Direction | Description | Expected | Requirements | Verdict |
      |---|---|---|---|---|---|
      | 1 | S\\_IPA -\\> eUICC | send the package | euiccPackageErrorUnsigned: associationToken: \\> 4 | SGP32-5.9.1-verify-signature | PASS |
      | 2 | S\\_IPA -\\> eUICC | read back | euiccPackageErrorUnsigned: associationToken: \\> 4 | SGP32-5.9.1-verify-signature | PASS |

      Notes:

      - unknown-extension \\(x.y @0x4 I-7\\): an unknown field"
    `);
  });

  test('hostile text is escaped wherever it is shown', () => {
    const result = byId('TC_eUICC_Hostile#03');
    const files = allSteps(result).flatMap((s) => s.attachments);
    expect(files).toHaveLength(2);
    for (const { type, source } of files) {
      const text = content(source);
      expect(text).not.toContain('\u0000');
      expect(text.length).toBeLessThan(400_000);
      if (type === 'text/html') expect(text).not.toMatch(/<script|<img|onerror=[^&]*window[^&]*>/);
    }
    expect(result.description).not.toMatch(/(?<!\\)(?:!\[|<script|<img)/);
    expect(result.statusDetails.message).toContain('malformed');
    expect(result.statusDetails.trace).toContain('wrong-error-code');
    expect(JSON.stringify(result)).not.toMatch(/\\u0000|\\u001b|\\ud800/);
  });

  test('environment tells the IUT and hides what a name calls secret', () => {
    const info = parseEnvInfo(content('environment.properties'));
    expect(info).toMatchObject({
      Tool: 'sgp33 0.1.0',
      'SGP.32': '1.2',
      O_E_FALLBACK: 'yes',
      P_E_IPAE: 'no',
      ATR: run.identity['ATR'],
      'API-Key': '[removed]',
    });
  });

  test('every cause has a category, found by the message and by the label', () => {
    const name = (text: string): string[] =>
      categories.filter((c) => new RegExp(c.messageRegex ?? '$^').test(text)).map((c) => c.name ?? '');
    expect(name(byId(FAILED_ID).statusDetails.message ?? '')).toEqual(['Wrong error code']);
    expect(name(byId('TC_eUICC_Pulled#04').statusDetails.message ?? '')).toEqual(['Test environment']);
    expect(name(byId('TC_eUICC_NoFallback#05').statusDetails.message ?? '')).toEqual(['Not applicable']);
    expect(name(byId('TC_eUICC_Refused#07').statusDetails.message ?? '')).toEqual(['Not run']);
    expect(categoryRules.map((r) => r.name)).toEqual(categories.map((c) => c.name));
  });

  test('a clause has a name that is no address', () => {
    expect(clauseUrn('SGP.32 5.9.1')).toBe('urn:gsma:sgp.32:5.9.1');
    expect(clauseUrn('SGP.22 <x> y')).toBe('urn:gsma:sgp.22:%3Cx%3E:y');
  });

  test('a private key in a trace does not get out', () => {
    const scalar = '11'.repeat(32);
    const der = `30770201010420${scalar}A00A06082A8648CE3D030107`;
    const pem = `-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----`;
    const out = join(store.folder, 'keys');
    const leaky = step({
      request: { hex: der, tree: pem },
      title: pem,
      actual: pem,
      events: [0, 1],
      verdict: 'FAIL',
    });
    const result = sequence({
      steps: [leaky, step({ request: { hex: `${'00'.repeat(200)}${der}` } })],
      title: pem,
    });
    new AllureResults(out, run).add({ run, result, timeline: [{ at: 0, kind: 'c-apdu', hex: der }] });
    const all = readdirSync(out)
      .map((f) => readFileSync(join(out, f), 'utf8'))
      .join('\n')
      .replace(/\s+/g, '');
    expect(all).not.toContain(scalar);
    expect(all).not.toContain('MIGHAgEAMBMG');
    expect(all).toContain('[privatekeyremoved]');
  });

  test('a sequence costs few files', () => {
    const out = new AllureResults(join(store.folder, 'many'), run);
    const result = sequence({ steps: Array.from({ length: 5 }, (_, i) => step({ number: i + 1 })) });
    const events = store.timeline(result.id);
    for (let i = 0; i < 50; i++)
      out.add({ run, result: { ...result, id: `TC_Many#${i}` }, timeline: events });
    expect(readdirSync(join(store.folder, 'many'))).toHaveLength(50 * (1 + 5) + 2);
  });
});
