import { spawn } from 'node:child_process';

/** A user's shell has no options for our test runner. */
const { NODE_OPTIONS: _ours, ...inherited } = process.env;
const userEnvironment = { ...inherited, CI: '1', NO_COLOR: '1', npm_config_prefer_offline: 'true' };

/** Starts a program as a user's shell would. `path` goes before the PATH. */
export function start(command, args, { cwd, path, env }) {
  const PATH = path === undefined ? userEnvironment.PATH : `${path}:${userEnvironment.PATH}`;
  return spawn(command, args, { cwd, env: { ...userEnvironment, ...env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs a program to its end and gives what it printed; fails with that when it fails. */
export async function run(command, args, options) {
  const child = start(command, args, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${options.cwd}$ ${command} ${args.join(' ')} (exit ${code})\n${output}`);
  return output;
}

/** npm, with nothing that asks or reports. */
export function npm(args, options) {
  return run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], options);
}
