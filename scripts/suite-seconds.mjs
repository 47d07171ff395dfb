import { relative } from 'node:path';

/** A Jest reporter: one line a suite with its seconds, and in full only what failed. */
export default class SuiteSeconds {
  onTestResult(test, result) {
    const { numPassingTests: passed, numFailingTests: failed, numPendingTests: skipped } = result;
    const seconds = ((result.perfStats.end - result.perfStats.start) / 1000).toFixed(1).padStart(6);
    const ok = failed === 0 && result.testExecError == null;
    const counts = `${passed} passed${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    console.log(`${ok ? 'PASS' : 'FAIL'} ${seconds} s  ${relative(test.context.config.rootDir, test.path)}  (${counts})`);
    for (const { message, origin, type } of result.console ?? []) console.log(`  console.${type}: ${message}\n${origin}`);
    if (result.failureMessage) console.log(result.failureMessage);
  }
}
