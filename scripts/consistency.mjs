/**
 * Runs 100,000 schedules of test/consistency, half in each of two processes: `npm run consistency [-- <schedules> [<first seed>]]`.
 * Or one, by the name under which it has failed, until it fails again: `npm run consistency -- <seed>:<place>`.
 *
 * Prints how far it is, the seeds, what the faults have met, and the minutes it took. GATEWIRE_WORKERS=1: one process.
 */
import { run } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

const [what = '100000', seed = '10000'] = process.argv.slice(2);
const isOne = what.includes(':');
const jest = ['node_modules/jest/bin/jest.js', `--maxWorkers=${process.env.GATEWIRE_WORKERS ?? 2}`];
const env = {
  ...withVmModules(),
  ...(isOne
    ? { GATEWIRE_SCHEDULE: what }
    : { GATEWIRE_SCHEDULES: String(Math.ceil(Number(what) / 2)), GATEWIRE_SEED: seed }),
};
const startedAt = Date.now();
const specs = `test/consistency/schedules-${isOne ? '1' : ''}`;
process.exitCode = await run(process.execPath, [...jest, specs], { env, mayFail: true });
const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1);
const name = isOne ? `schedule ${what}` : `${what} schedules from seed ${seed}`;
console.log(`${name}: ${minutes} minutes, exit code ${process.exitCode}`);
