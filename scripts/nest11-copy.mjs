import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { linkFolder } from './link-folder.mjs';
import { mirror } from './mirror.mjs';
import { npm, root } from './shell.mjs';

/** What the suite reads at run time; tools that only check or build are left out of the second install. */
const tools =
  /^(@commitlint\/|@arethetypeswrong\/|@nestjs\/cli$|dependency-cruiser$|eslint$|prettier$|publint$|typescript-eslint$)/;
const nestRange = process.env.GATEWIRE_NEST_RANGE ?? '^11.0.0';
const sources = [
  'lib',
  'test',
  'scripts',
  'sample',
  'schematics',
  'jest.config.js',
  'tsconfig.json',
  'tsconfig.build.json',
  'docs',
  'PROTOCOL.md',
  'README.md',
];

/**
 * A copy of this checkout in a temporary folder, with Nest 11 installed there in the place of Nest 12.
 * GATEWIRE_NEST_RANGE names other releases of it.
 *
 * The folder is named after the dependencies, so a second run on the same machine installs nothing. The sources are
 * brought up to date each time.
 */
export async function nest11Copy() {
  const manifest = nest11Manifest();
  const key = createHash('sha256').update(`${root}\n${manifest}`).digest('hex').slice(0, 12);
  const folder = join(tmpdir(), `gatewire-nest11-${key}`);
  const installed = join(folder, 'node_modules/.gatewire-installed');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), manifest);
  copySources(folder);
  if (!existsSync(installed)) {
    takeInstalled(folder);
    await npm(['install', '--prefer-offline'], { cwd: folder });
    writeFileSync(installed, '');
  }
  return folder;
}

/** What this checkout has installed is there already: npm replaces what is Nest's, and removes the tools. */
function takeInstalled(folder) {
  const modules = join(folder, 'node_modules');
  rmSync(modules, { recursive: true, force: true });
  linkFolder(join(root, 'node_modules'), modules);
  // npm notes here what is installed, into the file itself: this one is not to be that of the checkout.
  rmSync(join(modules, '.package-lock.json'));
  copyFileSync(join(root, 'node_modules/.package-lock.json'), join(modules, '.package-lock.json'));
  copyFileSync(join(root, 'package-lock.json'), join(folder, 'package-lock.json'));
}

/** Throttler has versions of its own, one for all of Nest. */
function hasNestVersion(dependency) {
  return dependency.startsWith('@nestjs/') && dependency !== '@nestjs/throttler';
}

function nest11Manifest() {
  const { name, version, type, exports, dependencies, devDependencies, overrides } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const forTests = Object.entries(devDependencies).filter(([dependency]) => !tools.test(dependency));
  const development = Object.fromEntries(
    forTests.map(([dependency, range]) => [dependency, hasNestVersion(dependency) ? nestRange : range]),
  );
  return JSON.stringify({
    name,
    version,
    type,
    private: true,
    exports,
    dependencies,
    devDependencies: development,
    overrides,
  });
}

function copySources(folder) {
  const present = [...sources, 'dist'].filter((path) => existsSync(join(root, path)));
  for (const source of present) mirror(join(root, source), join(folder, source));
}
