/**
 * Runs the suite against Nest 11, which is CommonJS: `npm run test:nest11 [-- test/compat]`.
 *
 * Left out are suites in which Nest's version plays no part: the engine below `lib/nest`, the client, the architecture, the package
 * and the schematics, whose real-app test makes applications of both versions itself; and the samples, which are Nest 12
 * applications.
 */
import { join } from 'node:path';

import { nest11Copy } from './nest11-copy.mjs';
import { run, timed } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

const sameOnBoth = [
  'test/arch/',
  'test/package/',
  'test/schematics/',
  'test/protocol/',
  'test/routing/',
  'test/e2e/',
  'test/fuzz/',
  'test/(client|codecs|connection|consistency|delivery|durability|exchange|primitives|rooms|server|store)/',
  'test/pipeline/(?!validation)',
  'test/transactions/kills',
  'test/proxy/(haproxy|nginx|own-port|proxy-protocol|reverse-proxy|trust-proxy)',
];

/** Their gateways use `@Ack()`, which Nest has since 11.1. */
const usingAck = ['test/nest/decorators', 'test/compat/(migration-table|nest12-transcripts|parity)'];
const isBeforeAck = process.env.GATEWIRE_NEST_RANGE === '~11.0.0';

/** Nest's version plays a part in what they stand on alone; `npm run check:full` runs them on the oldest one. */
const wider = [
  'test/pipeline/validation-differential',
  'test/replay/',
  'test/security/',
  'test/transactions/(postgres|prisma|outbox|turns|typeorm)',
];

const folder = await timed('install Nest 11', nest11Copy);
const chosen = process.argv.slice(2);
const inCopy = (program, ...args) =>
  run(process.execPath, [join(folder, 'node_modules', program), ...args], {
    cwd: folder,
    env: { ...withVmModules(), GATEWIRE_NEST: '11' },
    mayFail: true,
  });

const types = chosen.length > 0 ? 0 : await timed('types against Nest 11', checkTypes);
const tests = await timed('tests on Nest 11', runTests);
process.exitCode = types || tests;

function checkTypes() {
  return inCopy('typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmit');
}

function runTests() {
  return inCopy(
    'jest/bin/jest.js',
    '--rootDir',
    folder,
    '--testPathIgnorePatterns',
    ...sameOnBoth,
    ...(isBeforeAck ? usingAck : wider),
    '--',
    ...chosen,
  );
}
