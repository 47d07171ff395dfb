/**
 * Builds dist/ unless it is the build of these very sources: what tests of the built package start with.
 *
 * Test workers that come at the same time wait for the first one's build.
 */
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { root, run } from './shell.mjs';
import { sourcesHash } from './sources-hash.mjs';

const stamp = join(root, 'dist/.sources');
const lock = join(root, '.cache/build.lock');
/** A build takes ten seconds; a lock this old was left by a process that was killed. */
const abandonedMs = 120_000;

const wanted = sourcesHash();
if (readStamp() !== wanted) {
  await lockBuild();
  try {
    if (readStamp() !== wanted)
      process.exitCode = await run(process.execPath, ['scripts/build.mjs'], { mayFail: true });
  } finally {
    rmdirSync(lock);
  }
}

async function lockBuild() {
  mkdirSync(join(root, '.cache'), { recursive: true });
  for (;;) {
    try {
      return mkdirSync(lock);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (Date.now() - lockedSince() > abandonedMs) rmSync(lock, { recursive: true, force: true });
    await delay(50);
  }
}

function lockedSince() {
  return statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
}

function readStamp() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}
