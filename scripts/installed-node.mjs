import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { npm } from './shell.mjs';

/** Installs a Node from the npm package that carries it for this machine; gives the folder of its `node`. */
export async function installedNode(version) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = mkdtempSync(join(tmpdir(), 'gatewire-node-'));
  await npm(['install', '--no-save', '--no-package-lock', '--prefix', folder, `${name}@${version}`], {
    cwd: folder,
  });
  return join(folder, 'node_modules', name, 'bin');
}
