import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { run } from './shell.mjs';

const root = join(import.meta.dirname, '../../..');

/** Packs gatewire as it would be published; gives the path of the tarball. */
export async function packGatewire(folder) {
  if (!existsSync(join(root, 'dist/schematics/collection.json')))
    throw new Error('Run "npm run build" first.');
  const report = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
  });
  const [{ filename }] = JSON.parse(report.slice(report.indexOf('[')));
  return join(folder, filename);
}
