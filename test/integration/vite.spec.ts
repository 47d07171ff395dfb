import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const script = fileURLToPath(new URL('vite-beside.mjs', import.meta.url));
const build = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));
const run = promisify(execFile);

it('works beside the HMR socket of Vite in middleware mode', async () => {
  // The script imports the package by its name: what is built.
  await run(process.execPath, [build, '--if-stale']);
  const { stdout } = await run(process.execPath, [script]);
  const [hmr, ours] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as unknown[];
  expect(hmr).toEqual({ type: 'connected' });
  expect(ours).toEqual({ id: 1, data: 1 });
}, 120_000);
