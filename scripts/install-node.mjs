import { join } from 'node:path';

import { npm } from './shell.mjs';

/** Installs a Node into `folder`, from the npm package that carries it for this machine; gives where its `node` is. */
export async function installNode(folder, version) {
  const name = `node-${process.platform}-${process.arch}`;
  await npm(['install', '--no-save', '--no-package-lock', '--prefix', folder, `${name}@${version}`], {
    cwd: folder,
  });
  return join(folder, 'node_modules', name, 'bin');
}
