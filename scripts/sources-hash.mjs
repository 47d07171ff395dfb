import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { root } from './shell.mjs';

const folders = ['lib', 'schematics'];
const files = ['tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs', 'scripts/bundle.mjs'];

/** Says whether two builds are of the same sources. */
export function sourcesHash() {
  const hash = createHash('sha256');
  for (const path of [...files.map((file) => join(root, file)), ...folders.flatMap(filesIn)]) {
    hash.update(relative(root, path)).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
