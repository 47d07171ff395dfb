import { compose, type Phase } from './compose.js';

/**
 * Whether `context` gets through all phases; a promise as soon as one of them is asynchronous before that. What a phase
 * does after `next()` is not waited for; where it fails, `late` is told.
 *
 * @throws what a phase throws (or rejects with) before the way is through
 */
export function pass<Context>(
  phases: readonly Phase<Context>[],
  context: Context,
  late: (error: unknown) => void,
): boolean | Promise<boolean> {
  if (phases.length === 0) return true;
  let isThrough = false as boolean;
  let tell = null as ((isThrough: boolean) => void) | null;
  const pending = compose(phases, () => {
    isThrough = true;
    tell?.(true);
  })(context);
  if (pending === undefined) return isThrough;
  if (isThrough) {
    pending.catch(late);
    return true;
  }
  return new Promise((resolve, reject) => {
    tell = resolve;
    pending.then(
      () => resolve(isThrough),
      (error: unknown) => (isThrough ? late(error) : reject(error as Error)),
    );
  });
}
