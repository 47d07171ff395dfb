/**
 * Runs 100,000 schedules of test/consistency, half in each of two processes: `npm run consistency [-- <schedules> [<first seed>]]`.
 *
 * Prints the seeds, what the faults have met, and the minutes it took.
 */
import { run } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

const [schedules = '100000', seed = '10000'] = process.argv.slice(2);
const env = {
  ...withVmModules(),
  GATEWIRE_SCHEDULES: String(Math.ceil(Number(schedules) / 2)),
  GATEWIRE_SEED: seed,
};
const startedAt = Date.now();
const jest = ['node_modules/jest/bin/jest.js', 'test/consistency/schedules'];
process.exitCode = await run(process.execPath, jest, { env, mayFail: true });
const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1);
console.log(`${schedules} schedules from seed ${seed}: ${minutes} minutes, exit code ${process.exitCode}`);
