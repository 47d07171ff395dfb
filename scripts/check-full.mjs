/**
 * `npm run check`, and the same suite on every Node line and Nest release that is supported: `npm run check:full`.
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

const failed = await runSteps([check], nodes);
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
