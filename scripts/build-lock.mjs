import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { root } from './shell.mjs';

const lock = join(root, '.cache/build.lock');
/** A build takes ten seconds; a lock this old was left by a process that was killed. */
const abandonedMs = 180_000;

/** Does `work` while nobody else does: test workers that want a build at the same time wait for the first one's. */
export async function withBuildLock(work) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  while (!taken()) await delay(50);
  try {
    return await work();
  } finally {
    rmdirSync(lock);
  }
}

function taken() {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > abandonedMs) rmdirSync(lock);
    return false;
  }
}
