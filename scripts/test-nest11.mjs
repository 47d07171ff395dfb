/**
 * Runs the suite against Nest 11, which is CommonJS: `npm run test:nest11 [-- <Jest's own arguments>]`.
 *
 * Left out are suites in which Nest's version plays no part: the architecture, the package and the schematics, whose
 * real-app test makes applications of both versions itself.
 */
import { join } from 'node:path';

import { nest11Copy } from './nest11-copy.mjs';
import { run, timed } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

const sameOnBoth = ['test/arch/', 'test/package/', 'test/schematics/', 'test/protocol/', 'test/routing/'];

const folder = await timed('install Nest 11', nest11Copy);
const jest = join(folder, 'node_modules/jest/bin/jest.js');
const args = [
  jest,
  '--rootDir',
  folder,
  '--testPathIgnorePatterns',
  ...sameOnBoth,
  '--',
  ...process.argv.slice(2),
];
const env = { ...withVmModules(), GATEWIRE_NEST: '11' };
process.exitCode = await timed('tests on Nest 11', () =>
  run(process.execPath, args, { cwd: folder, env, mayFail: true }),
);
