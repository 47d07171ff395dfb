import { timed } from './shell.mjs';

/** Runs `first`, and unless one of it fails, all of `rest`. Gives the names of the steps that failed. */
export async function runSteps(first, rest) {
  const failed = await runAll(first);
  return failed.length > 0 ? failed : runAll(rest);
}

/** One step of several lists of steps, which run at the same time: those that keep one core busy each. */
export function sideBySide(name, ...lanes) {
  const run = async () => {
    const failed = (await Promise.all(lanes.map(runAll))).flat();
    if (failed.length > 0) throw new Error(`failed: ${failed.join(', ')}`);
  };
  return { name, run };
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
