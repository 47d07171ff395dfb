/**
 * Runs the suite on another Node, the newest unless GATEWIRE_NODE names a version:
 * `npm run test:node [-- <Jest's own arguments>]`.
 *
 * Without GATEWIRE_NODE it is a step of `npm run check`, whose time is bounded: then it is what meets Node itself (sockets, streams,
 * threads, native modules, the client). `npm run check:full` runs it all.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { installNode } from './install-node.mjs';
import { run, timed } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatewire-node-'));
const isWhole = process.env.GATEWIRE_NODE !== undefined;
const chosen = process.argv.slice(2);
const version = process.env.GATEWIRE_NODE ?? 'latest';
const bin = await timed(`install Node ${version}`, () => installNode(folder, version));
const env = {
  ...withVmModules(),
  PATH: `${bin}${delimiter}${process.env.PATH}`,
};
const meetsNode = [
  'test/(integration|proxy|server)/',
  'test/client/(basics|connection|node-|session|storage)',
  'test/nest/(mutual-tls|cookie-session|shutdown)',
  'test/pipeline/compress',
  'test/store/(redis-(connection|faults)|sqlite-(sessions|store))',
  'test/e2e/python\\.spec',
];
const jest = ['node_modules/jest/bin/jest.js', ...(chosen.length > 0 || isWhole ? chosen : meetsNode)];
await run('node', ['--version'], { env });
process.exitCode = await run('node', jest, { env, mayFail: true });
rmSync(folder, { recursive: true, force: true });
