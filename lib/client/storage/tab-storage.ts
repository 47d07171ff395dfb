import { randomId } from '../../primitives/random-id.js';
import type { ClientStorage, StoredEntries } from '../storage.js';
import { closedStorage } from './storage-error.js';
import { type LockManager, pageLocks, type Release, tryLock, whileLocked } from './tab-locks.js';

/** What is used of BroadcastChannel (HTML). */
interface Channel {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: string): void;
  close(): void;
}

/** What is used of `sessionStorage`. */
interface TabMemory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** How tabs share a storage. */
export interface TabStorageOptions {
  /** For locks and messages of the tabs: of all storages in the same place, each has another. */
  readonly name: string;
  /** Entries of a tab that is gone that go to another: those whose keys begin so. The rest of what it had is deleted. */
  readonly adopted: readonly string[];
  /** What belongs to other tabs is a copy, as in `sessionStorage` of a tab that was duplicated: it is deleted. @default false */
  readonly isCopied?: boolean;
  /** How long an area that is free is left to a page that is being loaded again, before another tab takes what it holds. @default 3_000 */
  readonly graceMs?: number;
  /** @default the page's */
  readonly locks?: LockManager;
}

/** Under which the areas stand, each with the time when it was opened last. */
const areaPrefix = 'area/';
/** Under which they hold what they have. */
const contentPrefix = 'in/';

/**
 * Gives each tab an area of its own in a storage that all of them share: what one tab has stored is never sent by another at the same
 * time. Areas are guarded by Web Locks, which end with the tab, however it ends.
 *
 * A tab that opens takes an area that belongs to nobody, with all that is in it: its own one after a reload, else the one that was opened
 * last. From the areas of other tabs that are gone, or go while it is there, it takes over what may be adopted.
 */
export class TabStorage implements ClientStorage {
  readonly #storage: ClientStorage;
  readonly #options: TabStorageOptions;
  readonly #leaving = new AbortController();
  readonly #watchers: { prefix: string; told: (entries: StoredEntries) => void }[] = [];
  #area: Promise<string> | null = null;
  #release: Release | null = null;
  #channel: Channel | null = null;
  /** Areas of other tabs, for which we wait. */
  readonly #awaited = new Set<string>();
  #closed: Promise<void> | null = null;
  /** The last takeover, which closing waits for. */
  #adoption: Promise<unknown> = Promise.resolve();

  constructor(storage: ClientStorage, options: TabStorageOptions) {
    this.#storage = storage;
    this.#options = options;
  }

  async load(prefix: string): Promise<StoredEntries> {
    const area = await this.#opened();
    return this.#content(area, prefix);
  }

  async save(changes: ReadonlyMap<string, unknown>): Promise<void> {
    const area = await this.#opened();
    await this.#storage.save(
      new Map(Array.from(changes, ([key, value]) => [contentPrefix + area + key, value])),
    );
  }

  watch(prefix: string, told: (entries: StoredEntries) => void): void {
    this.#watchers.push({ prefix, told });
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  #opened(): Promise<string> {
    if (this.#closed !== null) return Promise.reject(closedStorage());
    return (this.#area ??= this.#open().catch(async (error: unknown) => {
      await this.#letGo();
      // Perhaps the next call has more luck.
      this.#area = null;
      throw error;
    }));
  }

  async #letGo(): Promise<void> {
    const release = this.#release;
    this.#release = null;
    await release?.();
  }

  async #open(): Promise<string> {
    const locks = this.#options.locks ?? pageLocks();
    let own = '';
    // One tab after the other: none takes for an orphan what another is about to take.
    await whileLocked(locks, this.#name('opening'), this.#leaving.signal, async () => {
      own = await this.#choose(locks);
    });
    this.#announce(locks, own);
    return own;
  }

  /** Takes an area, and what free ones hold. */
  async #choose(locks: LockManager): Promise<string> {
    let own = '';
    for (const area of await this.#areas()) {
      const release = await tryLock(locks, this.#name(area));
      if (release === null) {
        if (this.#options.isCopied === true) await this.#adopt(area, null);
        else this.#inherit(locks, area);
      } else if (own === '') {
        // An area that is taken keeps its session: what it has sent before is not handled twice.
        own = area;
        this.#release = release;
      } else {
        await this.#adopt(area, own);
        await release();
      }
    }
    if (own === '') {
      own = `${randomId()}/`;
      this.#release = await tryLock(locks, this.#name(own));
    }
    await this.#storage.save(new Map([[areaPrefix + own, Date.now()]]));
    this.#remembered(own);
    return own;
  }

  /** Areas that there are: first the one that this tab had before it was loaded again, then from the newest to the oldest. */
  async #areas(): Promise<string[]> {
    const before = this.#remembered();
    const areas = (await this.#storage.load(areaPrefix)).map(([key, openedAt]) => {
      const area = key.slice(areaPrefix.length);
      return { area, rank: area === before ? Infinity : (openedAt as number) };
    });
    return areas.sort((a, b) => b.rank - a.rank).map(({ area }) => area);
  }

  /** The area that this tab remembers when it is loaded again. */
  #remembered(area?: string): string | null {
    try {
      const { sessionStorage } = globalThis as { sessionStorage?: TabMemory };
      const key = this.#name('area');
      if (area !== undefined) sessionStorage?.setItem(key, area);
      return sessionStorage?.getItem(key) ?? null;
    } catch {
      // Forbidden, or full: it is an advantage to know, and nothing depends on it.
      return null;
    }
  }

  /** Tells the tabs that are there of our area, and hears of those that come later. */
  #announce(locks: LockManager, own: string): void {
    if (this.#options.isCopied === true) return;
    const { BroadcastChannel } = globalThis as unknown as { BroadcastChannel: new (name: string) => Channel };
    this.#channel = new BroadcastChannel(this.#name('areas'));
    this.#channel.onmessage = ({ data }) => this.#inherit(locks, String(data));
    this.#channel.postMessage(own);
  }

  /** Takes over what a tab leaves, when it is gone. */
  #inherit(locks: LockManager, area: string): void {
    if (this.#awaited.has(area)) return;
    this.#awaited.add(area);
    this.#adoptWhenFree(locks, area)
      // We leave, or the storage fails, of which the client hears by its own calls: it stays for the next tab that opens.
      .catch(() => undefined)
      .finally(() => this.#awaited.delete(area));
  }

  async #adoptWhenFree(locks: LockManager, area: string): Promise<void> {
    const { signal } = this.#leaving;
    const lock = this.#name(area);
    let release: Release | null = null;
    while (release === null) {
      await whileLocked(locks, lock, signal, () => Promise.resolve());
      await pause(this.#options.graceMs ?? 3_000, signal);
      release = await tryLock(locks, lock);
    }
    try {
      const own = await this.#area;
      if (own === null || this.#closed !== null) return;
      const adoption = this.#adopt(area, own);
      this.#adoption = adoption.catch(() => undefined);
      this.#tell(await adoption);
    } finally {
      await release();
    }
  }

  #tell(entries: StoredEntries): void {
    for (const { prefix, told } of this.#watchers) {
      const those = entries.filter(([key]) => key.startsWith(prefix));
      if (those.length > 0) told(those);
    }
  }

  /** Moves what may be adopted to our area, and deletes the other one, in one step. */
  async #adopt(area: string, own: string | null): Promise<StoredEntries> {
    const entries = await this.#content(area, '');
    const changes = new Map<string, unknown>([[areaPrefix + area, undefined]]);
    const adopted: [string, unknown][] = [];
    for (const [key, value] of entries) {
      changes.set(contentPrefix + area + key, undefined);
      if (own === null || !this.#options.adopted.some((prefix) => key.startsWith(prefix))) continue;
      // Two tabs may have had the same key.
      const unique = `${key}.${area}`;
      adopted.push([unique, value]);
      changes.set(contentPrefix + own + unique, value);
    }
    await this.#storage.save(changes);
    return adopted;
  }

  async #content(area: string, prefix: string): Promise<StoredEntries> {
    const whole = contentPrefix + area;
    const entries = await this.#storage.load(whole + prefix);
    return entries.map(([key, value]) => [key.slice(whole.length), value]);
  }

  async #close(): Promise<void> {
    const area = await this.#area?.catch(() => undefined);
    this.#channel?.close();
    this.#leaving.abort();
    await this.#adoption;
    try {
      // Nobody has to look after an area with nothing in it.
      if (area !== undefined && (await this.#content(area, '')).length === 0)
        await this.#storage.save(new Map([[areaPrefix + area, undefined]]));
    } finally {
      await this.#storage.close();
      await this.#letGo();
    }
  }

  #name(what: string): string {
    return `gatewire/${this.#options.name}/${what}`;
  }
}

/** Waits; rejects when it is no longer needed. */
function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', left);
      resolve();
    }, delayMs);
    const left = (): void => {
      clearTimeout(timer);
      reject(closedStorage());
    };
    signal.addEventListener('abort', left);
  });
}
