import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { askApp } from './ask-app.mjs';
import { npm, run } from './shell.mjs';

/** Development tools of Nest's templates that play no part here, and take longest to install. */
const unused =
  /^(oxlint|oxlint-tsgolint|@nestjs\/mau|eslint.*|@eslint\/.*|typescript-eslint|@vitest\/coverage-v8|globals)$/;

/** Takes one application from nothing to a running, tested server with two generated gateways. */
export async function proveApp({ create, extraPackages, nodeForTests }, { folder, tarball }) {
  const here = { cwd: folder };
  await create(folder);
  dropUnusedTools(folder);
  const install = npm(['install', tarball, ...extraPackages], here);
  const [path] = await Promise.all([nodeForTests?.(join(folder, '..')), install]);

  await addTwice(folder);
  await run('nest', ['g', '-c', 'gatewire', 'gateway', 'chat/roomList'], here);
  await run('prettier', ['--check', 'src/**/*.ts'], here);
  await run('nest', ['build'], here);
  await run('tsc', ['--noEmit', '-p', 'tsconfig.json'], here);

  await askApp(folder, { validates: extraPackages.length > 0 });
  const report = await run('npm', ['test'], { ...here, path });
  for (const spec of ['events.gateway.spec.ts', 'room-list.gateway.spec.ts'])
    assert.ok(report.includes(spec), report);
}

/** `--skip-install`: the tarball is installed, and the registry does not have it. */
async function addTwice(folder) {
  const add = () => run('nest', ['add', 'gatewire', '--skip-install'], { cwd: folder });
  await add();
  const before = sourcesOf(folder);
  assert.ok('src/events/events.gateway.ts' in before);
  await add();
  assert.deepEqual(sourcesOf(folder), before, 'a second "nest add" changes nothing');
}

function sourcesOf(folder) {
  const sources = readdirSync(join(folder, 'src'), { recursive: true }).filter((name) =>
    name.endsWith('.ts'),
  );
  const paths = [...sources.map((name) => `src/${name}`), 'package.json'];
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

function dropUnusedTools(folder) {
  const path = join(folder, 'package.json');
  const packageJson = JSON.parse(readFileSync(path, 'utf8'));
  const kept = Object.entries(packageJson.devDependencies).filter(([name]) => !unused.test(name));
  packageJson.devDependencies = Object.fromEntries(kept);
  writeFileSync(path, `${JSON.stringify(packageJson, null, 2)}\n`);
}
