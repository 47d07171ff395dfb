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
const step = (name) => ({ name, run: () => run('npm', ['run', '--silent', name]) });
const statics = sideBySide(
  'statics',
  ['lint', 'layers'].map(step),
  ['format:check', 'typecheck', 'size', 'check:exports', 'check:commits'].map(step),
);
// The applications wait for npm most of their time.
const legs = sideBySide('legs', ['test:nest11', 'test:node'].map(step), [step('test:apps')]);

process.env.GATEWIRE_TALLY = join(tmpdir(), `gatewire-tally-${process.pid}`);
const isStatic = process.argv.includes('--static');
const failed = await runSteps([step('build')], isStatic ? [statics] : [statics, step('test'), legs]);
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
if (!isStatic) printTally();
rmSync(process.env.GATEWIRE_TALLY, { force: true });
process.exitCode = failed.length === 0 ? 0 : 1;
