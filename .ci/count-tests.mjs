/**
 * Reads vitest's JSON report and prints what was counted: `node .ci/count-tests.mjs report.json`.
 * A file that could not be loaded holds no test, and counts as one failure. The last line is `N passed, N failed`.
 */
import { readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
let missing = false;
try {
  const report = JSON.parse(readFileSync(path, 'utf8'));
  for (const file of report.testResults) {
    const states = file.assertionResults.map((test) => test.status);
    const failures = states.filter((state) => state === 'failed').length;
    passed += states.filter((state) => state === 'passed').length;
    skipped += states.length - failures - states.filter((state) => state === 'passed').length;
    failed += failures === 0 && file.status === 'failed' ? 1 : failures;
    for (const test of file.assertionResults) {
      if (test.status !== 'passed') console.log(`${test.status}: ${test.fullName}`);
    }
    if (file.status === 'failed' && failures === 0) console.log(`not loaded: ${file.name}`);
  }
} catch (error) {
  console.log(`no report of the tests: ${error.message}`);
  missing = true;
}
if (missing || passed + failed === 0) failed += 1;
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
