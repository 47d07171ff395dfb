import type { ClientStorage } from '../../lib/client/storage.js';

/** What pages leave for the next one. */
export type Disk = Map<string, unknown>;

/** A page's way to the disk: it takes a turn of the event loop, and what is under way when the page dies is lost. */
export class PageStorage implements ClientStorage {
  readonly #disk: Disk;
  #isDead = false;
  #last: Promise<void> = Promise.resolve();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async load(prefix: string): Promise<readonly (readonly [key: string, value: unknown])[]> {
    await this.#turn();
    return [...this.#disk].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  save(changes: ReadonlyMap<string, unknown>): Promise<void> {
    this.#last = this.#last.then(async () => {
      await this.#turn();
      if (this.#isDead) return;
      for (const [key, value] of changes) {
        if (value === undefined) this.#disk.delete(key);
        else this.#disk.set(key, structuredClone(value));
      }
    });
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#last;
  }

  kill(): void {
    this.#isDead = true;
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}
