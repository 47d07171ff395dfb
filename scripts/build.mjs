/**
 * Builds the package into dist/: `npm run build`.
 *
 * esm/ and cjs/ come from the same sources, each with its own declarations and a package.json that names its module
 * system; schematics/ is built by its own script. Both library builds run at once: the machine has two cores.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root, run } from './shell.mjs';
import { sourcesHash } from './sources-hash.mjs';

const hash = sourcesHash();
const dist = join(root, 'dist');
const project = ['-p', 'tsconfig.build.json'];
const commonjs = ['--module', 'commonjs', '--moduleResolution', 'bundler', '--outDir', 'dist/cjs'];

rmSync(dist, { recursive: true, force: true });
const exitCodes = await Promise.all([tsc(project), tsc([...project, ...commonjs])]);
if (exitCodes.some((code) => code !== 0)) process.exit(1);
nameModuleSystem('esm', 'module');
nameModuleSystem('cjs', 'commonjs');
process.exitCode = await run(process.execPath, ['schematics/build.mjs'], { mayFail: true });
if (process.exitCode === 0) writeFileSync(join(dist, '.sources'), hash);

function tsc(args) {
  return run(process.execPath, ['node_modules/typescript/bin/tsc', ...args], { mayFail: true });
}

/** `sideEffects` is repeated: bundlers read it from the nearest package.json. */
function nameModuleSystem(folder, type) {
  writeFileSync(
    join(dist, folder, 'package.json'),
    `${JSON.stringify({ type, sideEffects: false }, null, 2)}\n`,
  );
}
