/**
 * Runs the suite on another Node, the newest unless GATEWIRE_NODE names a version:
 * `npm run test:node [-- <Jest's own arguments>]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { installNode } from './install-node.mjs';
import { run, timed } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatewire-node-'));
const version = process.env.GATEWIRE_NODE ?? 'latest';
const bin = await timed(`install Node ${version}`, () => installNode(folder, version));
const env = { ...withVmModules(), PATH: `${bin}${delimiter}${process.env.PATH}` };
const jest = ['node_modules/jest/bin/jest.js', ...process.argv.slice(2)];
await run('node', ['--version'], { env });
process.exitCode = await run('node', jest, { env, mayFail: true });
rmSync(folder, { recursive: true, force: true });
