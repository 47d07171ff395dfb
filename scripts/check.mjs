/**
 * Everything CI runs, in one word: `npm run check`. With `--static`, what needs no test run: `npm run check:static`.
 *
 * Every step runs, also after one that failed, so that one run shows all there is to mend; only a failed build ends it.
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runSteps } from './run-steps.mjs';
import { run } from './shell.mjs';
import { printTally } from './tally.mjs';

const script = (name) => run('npm', ['run', '--silent', name]);
const bin = (path, ...args) => run(process.execPath, [`node_modules/${path}`, ...args]);

const build = { name: 'build', run: () => script('build') };
const staticSteps = [
  { name: 'format', run: () => script('format:check') },
  { name: 'lint', run: () => script('lint') },
  { name: 'types', run: () => script('typecheck') },
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
  { name: 'tests', run: () => script('test') },
  { name: 'tests on Nest 11', run: () => script('test:nest11') },
  { name: 'tests on the newest Node', run: () => script('test:node') },
  { name: 'schematics in real apps', run: () => script('test:apps') },
];

process.env.GATEWIRE_TALLY = join(tmpdir(), `gatewire-tally-${process.pid}`);
const isStatic = process.argv.includes('--static');
const failed = await runSteps([build], isStatic ? staticSteps : [...staticSteps, ...testSteps]);
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
if (!isStatic) printTally();
rmSync(process.env.GATEWIRE_TALLY, { force: true });
process.exitCode = failed.length === 0 ? 0 : 1;
