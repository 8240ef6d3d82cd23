// Sums what the lanes of `npm run verify` wrote to .test-results. Called by .ci/run with the exit status so far.
import { readdirSync, readFileSync } from 'node:fs';

const status = Number(process.argv[2] ?? 0);
let passed = 0;
let failed = 0;
try {
  for (const file of readdirSync('.test-results')) {
    const results = JSON.parse(readFileSync(`.test-results/${file}`, 'utf8'));
    passed += results.numPassedTests;
    failed += results.numFailedTests + results.numFailedTestSuites * (results.numFailedTests === 0 ? 1 : 0);
  }
} catch (cause) {
  process.stderr.write(`no test results: ${String(cause)}\n`);
}
// A failed install, type check or lint runs no test and is still a failure.
if (status !== 0 && failed === 0) failed = 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
