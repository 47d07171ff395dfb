/**
 * Builds the package into dist/: `npm run build`. With `--if-stale`, as tests of the built package start it, only when
 * dist/ is not the build of these very sources.
 *
 * esm/ and cjs/ come from the same sources, each with its own declarations and a package.json that names its module
 * system; schematics/ is built by its own script; client/ is for script tags. A finished build takes the place of dist/ at once, so that whoever
 * reads it never sees half of one.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { withBuildLock } from './build-lock.mjs';
import { bundle } from './bundle.mjs';
import { root, run } from './shell.mjs';
import { sourcesHash } from './sources-hash.mjs';

const dist = join(root, 'dist');
/** Beside dist/, so that the paths in source maps hold. */
const unfinished = join(root, '.dist-unfinished');
const onlyIfStale = process.argv.includes('--if-stale');

if (!(onlyIfStale && isFresh())) {
  await withBuildLock(async () => {
    if (!(onlyIfStale && isFresh())) await build();
  });
}

async function build() {
  const hash = sourcesHash();
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const exitCodes = await Promise.all([
    library('esm', 'module', ['NodeNext', 'NodeNext']),
    library('cjs', 'commonjs', ['CommonJS', 'Bundler']),
    program('schematics/build.mjs', join(unfinished, 'schematics')),
  ]);
  process.exitCode = exitCodes.find((code) => code !== 0) ?? 0;
  if (process.exitCode !== 0) return;
  await scriptTag();
  writeFileSync(join(unfinished, '.sources'), hash);
  rmSync(dist, { recursive: true, force: true });
  renameSync(unfinished, dist);
}

/** `sideEffects` is repeated in the build's package.json: bundlers read it from the nearest one. */
function library(folder, type, [module, moduleResolution]) {
  const outDir = join(unfinished, folder);
  const options = ['--module', module, '--moduleResolution', moduleResolution, '--outDir', outDir];
  mkdirSync(outDir);
  writeFileSync(join(outDir, 'package.json'), `${JSON.stringify({ type, sideEffects: false }, null, 2)}\n`);
  return program('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', ...options);
}

/** The client, its storages and what shares it between tabs, as the global `gatewire`. */
async function scriptTag() {
  const folder = join(unfinished, 'client');
  const doors = ['', '/storage', '/shared'].map((door) => `gatewire/client${door}`);
  const source = doors.map((door) => `export * from '${door}';`).join('\n');
  const [{ code }] = await bundle(source, { format: 'iife', name: 'gatewire', from: unfinished });
  mkdirSync(folder);
  // Nobody imports it: it is a classic script, whatever the package is.
  writeFileSync(join(folder, 'gatewire-client.js'), code);
}

function program(...args) {
  return run(process.execPath, args, { mayFail: true });
}

function isFresh() {
  try {
    return readFileSync(join(dist, '.sources'), 'utf8') === sourcesHash();
  } catch {
    return false;
  }
}
