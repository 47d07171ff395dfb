/**
 * `npm run check`, and the same suite on every Node line that is supported and on the oldest Nest, and an application of every kind: `npm run check:full`.
 *
 * Width only: whatever a user relies on is tested by `npm run check` already.
 */
import { runSteps } from './run-steps.mjs';
import { run } from './shell.mjs';

const check = { name: 'check', run: () => run('npm', ['run', '--silent', 'check']) };
const nodes = ['20.19', '22', '24'].map((version) => ({
  name: `tests on Node ${version}`,
  run: () => run('npm', ['run', '--silent', 'test:node'], { env: { GATEWIRE_NODE: version } }),
}));
const oldestNest = {
  name: 'tests on Nest 11.0',
  run: () => run('npm', ['run', '--silent', 'test:nest11'], { env: { GATEWIRE_NEST_RANGE: '~11.0.0' } }),
};

const apps = { name: 'all applications', run: () => run('npm', ['run', '--silent', 'test:apps']) };

const failed = await runSteps([check], [...nodes, oldestNest, apps]);
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
