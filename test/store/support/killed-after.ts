import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { storeProgram } from '../../support/store-program.js';

/** What a program beside this file was told is safe, one a line, until it was killed after so many lines. */
export async function killedAfter(
  lines: number,
  program: string,
  args: readonly string[],
): Promise<string[]> {
  const path = join(import.meta.dirname, program);
  const child = spawn(process.execPath, [path, storeProgram(), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(line);
    if (told.length === lines) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return told;
}
