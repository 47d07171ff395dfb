import { createRequire } from 'node:module';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { newestNode } from './newest-node.mjs';
import { npm, run } from './shell.mjs';

const require = createRequire(import.meta.url);
const cli = require.resolve('@nestjs/cli/bin/nest.js');
const schematics = createRequire(cli).resolve('@angular-devkit/schematics-cli/bin/schematics.js');
const validation = ['class-validator', 'class-transformer'];

/**
 * The kinds of application there are. `create` makes one in a folder that does not exist, without its dependencies;
 * `nodeForTests` gives the folder of the Node.js that its test runner needs.
 */
export const recipes = [
  { name: 'nest12-esm-vitest', extraPackages: validation, create: createWithCli },
  {
    name: 'nest12-commonjs-jest',
    extraPackages: [],
    create: createCommonJs,
    // Jest can require Nest 12, which is ESM, only from Node 24.9 on; that holds for the app's own specs, too.
    nodeForTests: newestNode,
  },
  { name: 'nest11-commonjs-jest', extraPackages: validation, create: createWithCli11 },
];

async function createWithCli(folder) {
  const { parent, name } = partsOf(folder);
  await run('node', [cli, 'new', name, '-g', '-s', '-p', 'npm'], { cwd: parent });
}

/** The CLI only makes ESM apps when nobody is there to answer; its schematic makes the others. */
async function createCommonJs(folder) {
  const { parent, name } = partsOf(folder);
  await run('node', [schematics, '@nestjs/schematics:application', `--name=${name}`, '--type=cjs'], {
    cwd: parent,
  });
}

/** The app's dependencies bring this CLI anyway: it is installed first, and makes the app around itself. */
async function createWithCli11(folder) {
  mkdirSync(folder);
  await npm(['install', '--no-save', '--no-package-lock', '@nestjs/cli@11'], { cwd: folder });
  rmSync(join(folder, 'package.json'), { force: true });
  const { name } = partsOf(folder);
  await run('nest', ['new', name, '--directory', '.', '-g', '-s', '-p', 'npm'], { cwd: folder });
}

function partsOf(folder) {
  return { parent: join(folder, '..'), name: folder.slice(folder.lastIndexOf('/') + 1) };
}
