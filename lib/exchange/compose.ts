/** Goes on with the next stage. Its result MUST be returned (or awaited) where it is a promise. */
export type Next = () => void | Promise<void>;

/** A stage around the rest of the way. */
export type Phase<Context> = (context: Context, next: Next) => void | Promise<void>;

/**
 * One function that runs `phases` in order and `last` at the end; synchronous as long as they all are.
 * A phase that does not call `next` ends the way; one that calls it twice is told so.
 */
export function compose<Context>(
  phases: readonly Phase<Context>[],
  last: (context: Context) => void | Promise<void>,
): (context: Context) => void | Promise<void> {
  if (phases.length === 0) return last;
  const run = (context: Context, index: number): void | Promise<void> => {
    const phase = phases[index];
    if (phase === undefined) return last(context);
    let isCalled = false;
    return phase(context, () => {
      if (isCalled) throw new Error('next() called twice by one middleware');
      isCalled = true;
      return run(context, index + 1);
    });
  };
  return (context) => run(context, 0);
}
