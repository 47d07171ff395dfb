/**
 * What is wrong with a store: `full` (a disk, a bound of a file), `locked` (somebody else has it), `corrupted` (not what
 * was written), `incompatible` (of a newer version, or not a store at all), `overloaded` (too much waits for it), `closed`
 * (by `close()`), `lost` (it has come back with less than it had confirmed), `moved` (a session is another owner's, or is
 * not known), `unavailable` (all else).
 */
export type StoreFault = (typeof storeFaults)[number];

/** All there are. */
export const storeFaults = [
  'full',
  'locked',
  'corrupted',
  'incompatible',
  'overloaded',
  'closed',
  'lost',
  'moved',
  'unavailable',
] as const;

/** A store cannot do what it was asked for. */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    readonly fault: StoreFault,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Who changes a session is not its owner, or begins one that there is. */
export function movedAway(): StoreError {
  return new StoreError('moved', "the session is another owner's, or is not known");
}
