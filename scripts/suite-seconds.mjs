import { relative } from 'node:path';

import { noteResult } from './tally.mjs';

/** A Jest reporter: one line a suite with its seconds, and in full only what failed. It also notes the sums. */
export default class SuiteSeconds {
  #printsConsole;

  /** With `verbose` Jest prints the console as it comes. */
  constructor({ verbose }) {
    this.#printsConsole = !verbose;
  }

  onTestResult(test, result) {
    const { numPassingTests: passed, numFailingTests: failed, numPendingTests: skipped } = result;
    const seconds = ((result.perfStats.end - result.perfStats.start) / 1000).toFixed(1).padStart(6);
    const ok = failed === 0 && result.testExecError == null;
    const counts = `${passed} passed${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    console.log(
      `${ok ? 'PASS' : 'FAIL'} ${seconds} s  ${relative(test.context.config.rootDir, test.path)}  (${counts})`,
    );
    const written = this.#printsConsole ? (result.console ?? []) : [];
    for (const { message, origin, type } of written)
      console.log(`  console.${type}: ${message}\n  ${firstLine(origin)}`);
    if (result.failureMessage) console.log(result.failureMessage);
  }

  onRunComplete(_contexts, results) {
    noteResult(results.numPassedTests, results.numFailedTests + results.numRuntimeErrorTestSuites);
  }
}

function firstLine(text) {
  return text.trim().split('\n', 1)[0];
}
