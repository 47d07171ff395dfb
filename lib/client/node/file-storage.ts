import { mkdir } from 'node:fs/promises';
import { dirname, resolve as absolute } from 'node:path';
import { wholeNumber } from '../../primitives/option-checks.js';
import type { ClientStorage } from '../storage.js';
import { closedStorage, StorageError } from '../storage/storage-error.js';
import { sortedEntries, storedTexts } from '../storage/stored-text.js';
import { lockForProcess } from './process-lock.js';
import { type Change, StorageLog } from './storage-log.js';

/** How a file is kept. */
export interface FileStorageOptions {
  /** The file is written anew when it has this many bytes, and more than half of them are of no use any more. @default 1_048_576 */
  readonly compactBytes?: number;
}

/**
 * Keeps things in a file, for one process at a time. What `save` has resolved for survives the process and the machine; saves that come
 * while one is under way become durable together.
 *
 * All that is kept is in memory as well.
 *
 * @example createClient({ url, storage: persist(fileStorage('./outbox.log')) })
 * @throws {OptionError}
 */
export function fileStorage(path: string, options: FileStorageOptions = {}): ClientStorage {
  const compactBytes = wholeNumber('compactBytes', options.compactBytes ?? 1_048_576);
  return new FileStorage(absolute(path), compactBytes);
}

/** A call whose turn has not come. */
interface Job {
  readonly changes: readonly Change[];
  /** What it was asked for has taken effect. */
  done(): void;
  failed(error: unknown): void;
}

class FileStorage implements ClientStorage {
  readonly #path: string;
  readonly #compactBytes: number;
  readonly #entries = new Map<string, string>();
  #entryBytes = 0;
  /** The log is written anew when it is this long. */
  #longBytes: number;
  #jobs: Job[] = [];
  #work: Promise<void> | null = null;
  #opened: Promise<StorageLog> | null = null;
  #unlock: (() => Promise<void>) | null = null;
  #closed: Promise<void> | null = null;

  constructor(path: string, compactBytes: number) {
    this.#path = path;
    this.#compactBytes = this.#longBytes = compactBytes;
  }

  load(prefix: string): Promise<[string, unknown][]> {
    return this.#inTurn([], () => sortedEntries(this.#entries, prefix));
  }

  async save(changes: ReadonlyMap<string, unknown>): Promise<void> {
    await this.#inTurn(storedTexts(changes), () => undefined);
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  #inTurn<Result>(changes: readonly Change[], result: () => Result): Promise<Result> {
    if (this.#closed !== null) return Promise.reject(closedStorage());
    return new Promise((resolve, reject) => {
      // Asked at once: the changes of the next call are not there yet. What it throws is a rejection.
      const done = (): void => resolve(new Promise((give) => give(result())));
      this.#jobs.push({ changes, done, failed: reject });
      this.#work ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    // What else is called in this turn comes along.
    await Promise.resolve();
    while (this.#jobs.length > 0) {
      const jobs = this.#jobs;
      this.#jobs = [];
      try {
        const log = await (this.#opened ??= this.#open());
        await this.#commit(log, jobs);
      } catch (error) {
        for (const job of jobs) job.failed(error);
      }
    }
    this.#work = null;
  }

  async #commit(log: StorageLog, jobs: readonly Job[]): Promise<void> {
    const changes = jobs.flatMap((job) => job.changes);
    try {
      if (changes.length > 0) await this.#write(log, changes);
    } catch (error) {
      for (const job of jobs) {
        if (job.changes.length === 0) job.done();
        else job.failed(wordFor(error));
      }
      return;
    }
    for (const job of jobs) {
      for (const change of job.changes) this.#apply(change);
      job.done();
    }
  }

  async #write(log: StorageLog, changes: readonly Change[]): Promise<void> {
    const isLong = log.bytes >= this.#longBytes && log.bytes > 2 * this.#entryBytes;
    if (!isLong && !log.isSuspect) return log.append(changes);
    const entries = new Map<string, string | undefined>(this.#entries);
    for (const [key, text] of changes) {
      if (text === undefined) entries.delete(key);
      else entries.set(key, text);
    }
    try {
      await log.rewrite(entries);
      this.#longBytes = this.#compactBytes;
    } catch (error) {
      // Without room for a second file the first one does, unless its end is not what it should be.
      if (log.isSuspect) throw error;
      this.#longBytes = 2 * log.bytes;
      await log.append(changes);
    }
  }

  #apply([key, text]: Change): void {
    const before = this.#entries.get(key);
    if (before !== undefined) this.#entryBytes -= bytesOf(key, before);
    if (text === undefined) this.#entries.delete(key);
    else {
      this.#entries.set(key, text);
      this.#entryBytes += bytesOf(key, text);
    }
  }

  async #open(): Promise<StorageLog> {
    await mkdir(dirname(this.#path), { recursive: true });
    const unlock = await lockForProcess(this.#path);
    try {
      const log = await StorageLog.open(this.#path, (change) => this.#apply(change));
      this.#unlock = unlock;
      return log;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  async #close(): Promise<void> {
    await this.#work;
    // Who could not open it has heard of it from the calls.
    const log = await this.#opened?.catch(() => undefined);
    await log?.close();
    await this.#unlock?.();
  }
}

function bytesOf(key: string, text: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(text) + 4;
}

function wordFor(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return isFull ? new StorageError('full', 'there is no room for more on the disk', error) : error;
}
