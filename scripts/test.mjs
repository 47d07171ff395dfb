/**
 * Runs Jest: `npm test [-- <Jest's own arguments>]`.
 *
 * The flag that lets Jest run ES modules is given here, so that the command is the same in every shell.
 */
import { run } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

const jest = ['node_modules/jest/bin/jest.js', ...process.argv.slice(2)];
process.exitCode = await run(process.execPath, jest, { env: withVmModules(), mayFail: true });
