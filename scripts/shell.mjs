import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The checkout these scripts belong to. */
export const root = join(import.meta.dirname, '..');

/** Runs a program to its end with our own output. @throws when it fails, unless `mayFail`; gives its exit code */
export async function run(command, args, { cwd = root, env, mayFail = false } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0 && !mayFail) throw new Error(`${command} ${args.join(' ')} failed (exit ${code})`);
  return code;
}

/** Runs npm with nothing that asks or reports. */
export function npm(args, options) {
  return run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], options);
}

/** Runs a step of several and prints how long it took. */
export async function timed(name, step) {
  const started = Date.now();
  try {
    return await step();
  } finally {
    console.log(`── ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
}
