import type { ClientStorage } from '../storage.js';
import { closedStorage, StorageError } from './storage-error.js';
import { fromStoredText, storedTexts } from './stored-text.js';

/** What is used of `localStorage` and `sessionStorage`. */
export interface TextStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Synchronous storage of text as a {@link ClientStorage}. Every name has its own keys in it. */
export class WebStorage implements ClientStorage {
  readonly #open: () => TextStorage;
  /** Every key begins with it. */
  readonly #prefix: string;
  /** What was there before changes that are not all made yet. */
  readonly #undoKey: string;
  #items: TextStorage | null = null;
  #isClosed = false;

  /** @param open may throw: browsers do when storage is forbidden */
  constructor(open: () => TextStorage, name: string) {
    this.#open = open;
    // No name is the beginning of another, with the quotation marks around it.
    this.#prefix = `gatewire:${JSON.stringify(name)}:`;
    this.#undoKey = `gatewire-undo:${JSON.stringify(name)}`;
  }

  // An error is a rejection, never a throw: that is what `async` is for.
  // eslint-disable-next-line @typescript-eslint/require-await
  async load(prefix: string): Promise<[string, unknown][]> {
    const items = this.#opened();
    const whole = this.#prefix + prefix;
    const keys: string[] = [];
    for (let index = 0; index < items.length; index++) {
      const key = items.key(index);
      if (key?.startsWith(whole) === true) keys.push(key);
    }
    return keys.sort().flatMap((key) => {
      const text = items.getItem(key);
      return text === null ? [] : [[key.slice(this.#prefix.length), fromStoredText(text)]];
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async save(changes: ReadonlyMap<string, unknown>): Promise<void> {
    const items = this.#opened();
    const texts = storedTexts(changes).map(([key, text]) => [this.#prefix + key, text] as const);
    try {
      // One item is written or is not. Of several, a page that is killed between them leaves what undoes the first ones.
      if (texts.length > 1) {
        const before = texts.map(([key]) => [key, items.getItem(key)]);
        items.setItem(this.#undoKey, JSON.stringify(before));
      }
      for (const [key, text] of texts) {
        if (text === undefined) items.removeItem(key);
        else items.setItem(key, text);
      }
    } catch (error) {
      undo(items, this.#undoKey);
      throw new StorageError('full', 'the browser does not keep any more', error);
    }
    if (texts.length > 1) items.removeItem(this.#undoKey);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #opened(): TextStorage {
    if (this.#isClosed) throw closedStorage();
    if (this.#items !== null) return this.#items;
    try {
      const items = this.#open();
      undo(items, this.#undoKey);
      return (this.#items = items);
    } catch (error) {
      throw new StorageError('unavailable', 'the browser gives no storage', error);
    }
  }
}

/** Puts back what was there before changes that were not all made. */
function undo(items: TextStorage, undoKey: string): void {
  const before = items.getItem(undoKey);
  if (before === null) return;
  const entries = JSON.parse(before) as [string, string | null][];
  // All that is new goes first: then there is room again for what was there.
  for (const [key] of entries) items.removeItem(key);
  for (const [key, text] of entries) if (text !== null) items.setItem(key, text);
  items.removeItem(undoKey);
}
