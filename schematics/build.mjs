/**
 * Builds the schematics: `node schematics/build.mjs [outDir]`, by default into dist/schematics.
 *
 * The Nest CLI `require`s them, so they are CommonJS inside an ESM package; the copied package.json says so.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(source, '../dist/schematics'));
const assets = ['package.json', 'collection.json', 'gateway/schema.json', 'nest-add/schema.json'];

rmSync(target, { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', source, '--outDir', target], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

for (const asset of assets) {
  mkdirSync(dirname(join(target, asset)), { recursive: true });
  cpSync(join(source, asset), join(target, asset));
}
