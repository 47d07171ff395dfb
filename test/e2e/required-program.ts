import { execFileSync } from 'node:child_process';

/**
 * `describe` where a program is there, else a suite that says so in one line. On CI a missing program is a failure:
 * there nothing is left out.
 */
export function describeWith(
  program: string,
  isThere: () => boolean,
): (name: string, suite: () => void) => void {
  if (process.env['CI'] === undefined && !isThere()) {
    return (name) => it(`${name}: left out, as there is no ${program}`, () => undefined);
  }
  return (name, suite) => describe(name, suite);
}

/** Whether a command ends well. */
export function succeeds(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    // It is not there, or does not work: either way a test cannot use it.
    return false;
  }
}
