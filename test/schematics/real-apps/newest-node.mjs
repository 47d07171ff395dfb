import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { npm } from './shell.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
const requiresEsmInJest = major > 24 || (major === 24 && minor >= 9);

/** The folder with a `node` in which Jest can require ES modules: the newest that npm has, unless this one can. */
export async function newestNode(workshop) {
  if (requiresEsmInJest) return undefined;
  const folder = join(workshop, 'newest-node');
  mkdirSync(folder);
  const name = `node-${process.platform}-${process.arch}`;
  await npm(['install', '--no-save', '--no-package-lock', name], { cwd: folder });
  return join(folder, 'node_modules', name, 'bin');
}
