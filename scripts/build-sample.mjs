/**
 * Builds a sample with the Nest CLI, the package first where it is stale: `node scripts/build-sample.mjs 02-chat`.
 * Under the build's lock, and only when it is stale itself: suites that start samples run at the same time.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { withBuildLock } from './build-lock.mjs';
import { root, run } from './shell.mjs';

const name = process.argv[2];
const sample = join(root, 'sample', name);
const mark = join(sample, 'dist/.sources');

await run(process.execPath, ['scripts/build.mjs', '--if-stale']);
await withBuildLock(async () => {
  const hash = sampleHash();
  if (isFresh(hash)) return;
  await run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build', name]);
  writeFileSync(mark, hash);
});

/** Of its sources, and of the package it was compiled against. */
function sampleHash() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'dist/.sources')));
  const entries = readdirSync(join(sample, 'src'), { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex');
}

function isFresh(hash) {
  try {
    return readFileSync(mark, 'utf8') === hash;
  } catch {
    return false;
  }
}
