/**
 * Runs the suite on another Node, the newest unless GATEWIRE_NODE names a version:
 * `npm run test:node [-- <Jest's own arguments>]`.
 */
import { installedNode } from './installed-node.mjs';
import { run, timed } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

const version = process.env.GATEWIRE_NODE ?? 'latest';
const bin = await timed(`install Node ${version}`, () => installedNode(version));
const node = `${bin}/node`;
await run(node, ['--version']);
const env = { ...withVmModules(), PATH: `${bin}:${process.env.PATH}` };
const args = ['node_modules/jest/bin/jest.js', ...process.argv.slice(2)];
process.exitCode = await run(node, args, { env, mayFail: true });
