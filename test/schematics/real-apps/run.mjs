/**
 * Proves the schematics in real applications: `npm run test:apps [-- <parts of recipes' names>]`.
 *
 * Each recipe of recipes.mjs becomes an app made by the Nest CLI, which installs the packed gatewire, runs `nest add`
 * (twice) and `nest g`, is built, served and asked by a client, and runs the generated specs as they stand.
 * It needs `npm run build` before, and the package registry.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { proveApp } from './prove-app.mjs';
import { recipes } from './recipes.mjs';
import { packGatewire } from './tarball.mjs';

const wanted = process.argv.slice(2);
const workshop = mkdtempSync(join(tmpdir(), 'gatewire-apps-'));
const started = Date.now();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

try {
  const tarball = await packGatewire(workshop);
  const chosen = recipes.filter(
    ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  );
  if (chosen.length === 0) throw new Error(`No recipe is named like "${wanted.join(' ')}".`);
  const results = await Promise.allSettled(chosen.map((recipe) => prove(recipe, tarball)));
  for (const { reason } of results.filter(({ status }) => status === 'rejected')) {
    process.exitCode = 1;
    console.error(reason);
  }
} finally {
  rmSync(workshop, { recursive: true, force: true });
}
console.log(`test:apps: ${seconds(started)} s, ${process.exitCode === 1 ? 'FAILED' : 'passed'}`);

async function prove(recipe, tarball) {
  const start = Date.now();
  await proveApp(recipe, { folder: join(workshop, recipe.name), tarball });
  console.log(`ok ${recipe.name} (${seconds(start)} s)`);
}

function seconds(since) {
  return ((Date.now() - since) / 1000).toFixed(1);
}
