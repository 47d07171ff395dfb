/**
 * Runs the suite on another Node, the newest unless GATEWIRE_NODE names a version:
 * `npm run test:node [-- <Jest's own arguments>]`.
 *
 * Without GATEWIRE_NODE it is a step of `npm run check`, whose time is bounded: then what Node plays no part in is left
 * out, as is one test that takes a minute of waiting, and random cases are fewer. `npm run check:full` runs it all.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { installNode } from './install-node.mjs';
import { run, timed } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatewire-node-'));
const isWhole = process.env.GATEWIRE_NODE !== undefined;
const version = process.env.GATEWIRE_NODE ?? 'latest';
const bin = await timed(`install Node ${version}`, () => installNode(folder, version));
const fewer = { GATEWIRE_VALIDATION_CASES: '20000' };
const env = {
  ...withVmModules(),
  ...(isWhole ? {} : fewer),
  PATH: `${bin}${delimiter}${process.env.PATH}`,
};
const leftOut = [
  'test/(arch|consistency|durability|fuzz|package|schematics)/',
  'test/client/(adapters|browser)/',
  'test/e2e/(.*browser|python-keepalive)',
];
const jest = [
  'node_modules/jest/bin/jest.js',
  ...(isWhole ? [] : ['--testPathIgnorePatterns', ...leftOut, '--']),
  ...process.argv.slice(2),
];
await run('node', ['--version'], { env });
process.exitCode = await run('node', jest, { env, mayFail: true });
rmSync(folder, { recursive: true, force: true });
