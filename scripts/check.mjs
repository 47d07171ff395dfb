/**
 * Everything CI runs, in one word: `npm run check`. With `--static`, what needs no test run: `npm run check:static`.
 *
 * Every step runs, also after one that failed, so that one run shows all there is to mend; only a failed build ends it.
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runSteps } from './run-steps.mjs';
import { npm, run } from './shell.mjs';
import { printTally } from './tally.mjs';

const bin = (path, ...args) => run(process.execPath, [`node_modules/${path}`, ...args]);

const build = { name: 'build', run: () => npm(['run', 'build', '--silent']) };
const staticSteps = [
  { name: 'format', run: () => npm(['run', 'format:check', '--silent']) },
  { name: 'lint', run: () => npm(['run', 'lint', '--silent']) },
  { name: 'types', run: () => npm(['run', 'typecheck', '--silent']) },
  {
    name: 'layers',
    run: () =>
      bin('dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs', 'lib'),
  },
  // node10: a resolver from before `exports`; it has no way to find gatewire/protocol.
  {
    name: 'attw',
    run: () =>
      bin(
        '@arethetypeswrong/cli/dist/index.js',
        '--pack',
        '.',
        '--profile',
        'node16',
        '--exclude-entrypoints',
        './package.json',
      ),
  },
  { name: 'publint', run: () => bin('publint/src/cli.js', '--strict') },
  { name: 'commit messages', run: () => run(process.execPath, ['scripts/commit-messages.mjs']) },
];
const testSteps = [
  { name: 'tests', run: () => npm(['test', '--silent']) },
  { name: 'tests on Nest 11', run: () => npm(['run', 'test:nest11', '--silent']) },
  { name: 'tests on the newest Node', run: () => npm(['run', 'test:node', '--silent']) },
  { name: 'schematics in real apps', run: () => npm(['run', 'test:apps', '--silent']) },
];

process.env.GATEWIRE_TALLY = join(tmpdir(), `gatewire-tally-${process.pid}`);
const isStatic = process.argv.includes('--static');
const failed = await runSteps([build], isStatic ? staticSteps : [...staticSteps, ...testSteps]);
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
if (!isStatic) printTally();
rmSync(process.env.GATEWIRE_TALLY, { force: true });
process.exitCode = failed.length === 0 ? 0 : 1;
