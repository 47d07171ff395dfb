import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes the folder or file at `to` the same as the one at `from`.
 *
 * Only what differs is written, so a run that is under way there, and the caches beside it, are not disturbed.
 */
export function mirror(from, to) {
  if (statSync(from).isDirectory()) mirrorFolder(from, to);
  else if (!sameFile(from, to)) {
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
}

function mirrorFolder(from, to) {
  const names = new Set(readdirSync(from).filter((name) => name !== 'node_modules'));
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(to))
    if (!names.has(name)) rmSync(join(to, name), { recursive: true, force: true });
  for (const name of names) mirror(join(from, name), join(to, name));
}

function sameFile(from, to) {
  return existsSync(to) && readFileSync(from).equals(readFileSync(to));
}
