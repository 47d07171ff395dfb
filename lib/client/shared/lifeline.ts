import { randomId } from '../../primitives/random-id.js';

/** What is used of the Web Locks API, which only secure pages have. */
interface Locks {
  request(name: string, options: { signal?: AbortSignal }, whileHeld: () => unknown): Promise<unknown>;
}

function locks(): Locks | undefined {
  return (globalThis as { navigator?: { locks?: Locks } }).navigator?.locks;
}

/**
 * Holds a lock of its own for as long as this page or worker lives, however it ends. Returns what lets go of it.
 *
 * @param held told its name once nobody else can get it; not at all where there are no locks
 */
export function hold(held: (lock: string) => void): () => void {
  const lock = `gatewire.${randomId()}`;
  const released = new AbortController();
  const whileHeld = (): Promise<void> => {
    held(lock);
    return new Promise((resolve) => released.signal.addEventListener('abort', () => resolve()));
  };
  // Refused to pages that may not have any, and when it is let go of before it is held.
  locks()
    ?.request(lock, { signal: released.signal }, whileHeld)
    .catch(() => undefined);
  return () => released.abort();
}

/** Calls `gone` when who holds this lock is no more. Returns what ends the waiting. */
export function whenGone(lock: string, gone: () => void): () => void {
  const waiting = new AbortController();
  locks()
    ?.request(lock, { signal: waiting.signal }, gone)
    .catch(() => undefined);
  return () => waiting.abort();
}
