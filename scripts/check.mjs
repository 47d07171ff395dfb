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
const statics = sideBySide('statics', [step('lint')], quick);
// The applications wait for npm most of their time. Beside the tests they would only make both slower.
const legs = sideBySide(
  'legs',
  ['test:nest11', 'test:node'].map((name) => step(name)),
  [step('test:apps', 'nest12-esm', 'nest11')],
);

process.env.GATEWIRE_TALLY = join(tmpdir(), `gatewire-tally-${process.pid}`);
const isStatic = process.argv.includes('--static');
const failed = await runSteps([step('build')], isStatic ? [statics] : [statics, step('test'), legs]);
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
if (!isStatic) printTally();
rmSync(process.env.GATEWIRE_TALLY, { force: true });
process.exitCode = failed.length === 0 ? 0 : 1;
