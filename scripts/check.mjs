/**
 * Everything CI runs, in one word: `npm run check`. With `--static`, what needs no test run: `npm run check:static`.
 *
 * Every step runs, also after one that failed, so that one run shows all there is to mend; only a failed build ends it.
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runSteps, sideBySide } from './run-steps.mjs';
import { run } from './shell.mjs';
import { printTally } from './tally.mjs';

/** A step is an npm script, so that each can be run alone. */
const step = (script, ...args) => ({
  name: script,
  run: () => run('npm', ['run', '--silent', script, ...(args.length > 0 ? ['--', ...args] : [])]),
});
const quick = ['format:check', 'typecheck', 'size', 'check:exports', 'check:commits', 'layers'].map((name) =>
  step(name),
);
const lint = step('lint');
/** These wait for other programs' clocks, a minute and more: beside the linter they cost nothing. */
const waiting = ['test/e2e/python-keepalive', 'test/client/browser/shared-worker'];
const waitingTests = {
  name: 'tests that wait',
  run: () => run('npm', ['test', '--silent', '--', '--maxWorkers', '2', '--testPathPatterns', ...waiting]),
};
const otherTests = step('test', '--testPathIgnorePatterns', '/node_modules/', ...waiting);
// The applications wait for npm most of their time. Beside the tests they would only make both slower.
const legs = sideBySide(
  'legs',
  ['test:nest11', 'test:node'].map((name) => step(name)),
  [step('test:apps', 'nest12-esm', 'nest11')],
);

process.env.GATEWIRE_TALLY = join(tmpdir(), `gatewire-tally-${process.pid}`);
const isStatic = process.argv.includes('--static');
const steps = isStatic
  ? [sideBySide('statics', [lint], quick)]
  : [sideBySide('statics', [lint], quick, [waitingTests]), otherTests, legs];
const failed = await runSteps([step('build')], steps);
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
if (!isStatic) printTally();
rmSync(process.env.GATEWIRE_TALLY, { force: true });
process.exitCode = failed.length === 0 ? 0 : 1;
