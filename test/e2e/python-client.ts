import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { succeeds } from './required-program.js';

/** Debian's: another Python on the path need not have its packages. */
const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('python_client.py', import.meta.url));

export const hasPythonWebsockets = (): boolean => succeeds(python, '-c', 'import websockets');

/** Runs the client and gives what it has seen. */
export async function runPython(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(python, [script, ...args]);
  return JSON.parse(stdout) as Record<string, unknown>;
}
