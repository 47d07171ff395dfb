import { timed } from './shell.mjs';

/** Runs `first`, and unless one of it fails, all of `rest`. Gives the names of the steps that failed. */
export async function runSteps(first, rest) {
  const failed = await runAll(first);
  return failed.length > 0 ? failed : runAll(rest);
}

async function runAll(steps) {
  const failed = [];
  for (const { name, run } of steps) {
    try {
      await timed(name, run);
    } catch (error) {
      console.error(error.message);
      failed.push(name);
    }
  }
  return failed;
}
