import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** A user's shell has no options for our test runner. */
const { NODE_OPTIONS: _ours, ...inherited } = process.env;
const userEnvironment = { ...inherited, CI: '1', NO_COLOR: '1', npm_config_prefer_offline: 'true' };

const running = new Set();
process.once('exit', () => running.forEach(stop));

/** Starts a program as a user's shell would. `path` goes before the PATH. */
export function start(command, args, { cwd, path, env }) {
  // What npx would find, without the second that npx takes.
  const programs = join(cwd, 'node_modules/.bin');
  const PATH = [path, programs, userEnvironment.PATH].filter(Boolean).join(':');
  const stdio = ['ignore', 'pipe', 'pipe'];
  // A process group of its own, so that what it starts in turn can be ended with it.
  const child = spawn(command, args, {
    cwd,
    env: { ...userEnvironment, ...env, PATH },
    detached: true,
    stdio,
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends a program and all that it started. */
export function stop(child) {
  if (running.has(child)) process.kill(-child.pid, 'SIGKILL');
}

/** What takes longer hangs, as a test runner does when an application was not closed. */
const timeoutMs = 120_000;

/** Runs a program to its end and gives what it printed; fails with that when it fails or hangs. */
export async function run(command, args, options) {
  const child = start(command, args, options);
  const timer = setTimeout(() => stop(child), timeoutMs);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${options.cwd}$ ${command} ${args.join(' ')} (exit ${code})\n${output}`);
  return output;
}

/** npm, with nothing that asks or reports. */
export function npm(args, options) {
  return run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], options);
}
