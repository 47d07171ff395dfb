import { StorageError } from './storage-error.js';

/** What is used of the Web Locks API (W3C): a name that one tab at a time has, until it lets go or is gone. */
export interface LockManager {
  request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    held: (lock: object | null) => Promise<void>,
  ): Promise<void>;
}

/** Lets go of a lock; resolves when others can have it. */
export type Release = () => Promise<void>;

/** The page's locks. @throws {StorageError} `unavailable` */
export function pageLocks(): LockManager {
  const { navigator } = globalThis as { navigator?: { readonly locks?: LockManager } };
  if (navigator?.locks !== undefined) return navigator.locks;
  throw new StorageError(
    'unavailable',
    'tabs cannot tell what is whose without the Web Locks API, which browsers have on https: and localhost',
  );
}

/** Has a lock, if nobody else has it. */
export function tryLock(locks: LockManager, name: string): Promise<Release | null> {
  return new Promise((resolve, reject) => {
    const whole: Promise<void> = locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock !== null)
        return new Promise<void>((letGo) => {
          resolve(() => {
            letGo();
            return whole;
          });
        });
      resolve(null);
      return Promise.resolve();
    });
    whole.catch(reject);
  });
}

/** Waits for a lock, and has it until the work is done. Rejects with the signal's reason when it is aborted before. */
export function whileLocked(
  locks: LockManager,
  name: string,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  return locks.request(name, { signal }, work);
}
