import type { Environment } from '../../lib/client/environment.js';

type Change = 'online' | 'offline' | 'awake' | 'leaving';

/** What the platform beneath a page knows and tells. */
export class Platform implements Environment {
  readonly canSendHeaders = true;
  readonly baseUrl = undefined;
  readonly #watchers = new Set<(change: Change) => void>();
  #isOnline = true;

  isOnline(): boolean {
    return this.#isOnline;
  }

  watch(changed: (change: Change) => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  tell(change: Change): void {
    if (change === 'online') this.#isOnline = true;
    else if (change === 'offline') this.#isOnline = false;
    for (const watcher of [...this.#watchers]) watcher(change);
  }

  /** The page is gone, and nobody watches. */
  forget(): void {
    this.#watchers.clear();
  }
}
