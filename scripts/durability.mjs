/**
 * Kills a server so many times under clients that send and listen: `npm run durability [-- <kills> [<seed> [sqlite|redis]]]`, 2,000 by
 * default, with each of the stores.
 *
 * Prints the seed, what the run has met, and the minutes it took.
 */
import { run } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

const [kills = '2000', seed, store] = process.argv.slice(2);
const env = {
  ...withVmModules(),
  GATEWIRE_KILLS: kills,
  ...(seed !== undefined && { GATEWIRE_SEED: seed }),
  ...(store !== undefined && { GATEWIRE_STORE: store }),
};
const startedAt = Date.now();
const jest = ['node_modules/jest/bin/jest.js', 'test/durability/kills'];
process.exitCode = await run(process.execPath, jest, { env, mayFail: true });
console.log(`${kills} kills: ${((Date.now() - startedAt) / 60_000).toFixed(1)} minutes`);
