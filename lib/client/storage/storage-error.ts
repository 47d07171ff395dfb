/**
 * What is wrong with a storage: `full` (a quota, a disk), `locked` (somebody else has it), `corrupted` (not what was written),
 * `closed` (by `close()`), `unavailable` (the platform does not have it, or does not give it).
 */
export type StorageFault = 'full' | 'locked' | 'corrupted' | 'closed' | 'unavailable';

/** A storage of the client cannot do what it was asked for. */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(
    readonly fault: StorageFault,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** What every method of a storage rejects with after `close()`. */
export function closedStorage(): StorageError {
  return new StorageError('closed', 'the storage is closed');
}
