import { after, type Clock } from './clock.js';

/** The same as `pending`, or a rejection when that takes longer. The work itself is not stopped. */
export function within<Value>(
  clock: Clock,
  ms: number,
  pending: PromiseLike<Value>,
  what: string,
): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    const timer = after(clock, ms, () => reject(new Error(`${what} has not answered within ${ms} ms`)));
    const settled = (): void => clock.clearTimeout(timer);
    pending.then(settled, settled);
    pending.then(resolve, reject);
  });
}
