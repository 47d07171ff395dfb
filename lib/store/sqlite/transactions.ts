import { readFileSync } from 'node:fs';

import { randomId } from '../../primitives/random-id.js';
import { StoreError } from '../store-error.js';
import type { Book, BookAsk } from './book.js';
import { CommitMark } from './commit-mark.js';
import { pragma } from './schema.js';
import { type SqliteDatabase, type SqliteStatement, storeErrorOf } from './sqlite-driver.js';
import { type Failed, failureOf } from './store-failure.js';

/** What is committed is there after the machine has lost its power (`full`), or after the process has ended (`normal`). */
export type SqliteDurability = 'full' | 'normal';

export interface FileSettings {
  readonly file: string;
  readonly durability: SqliteDurability;
  readonly maxFileBytes: number;
  /** How long it waits for another process to finish its transaction, or with the file. */
  readonly busyMs: number;
  /** Nobody else may have the file. */
  readonly isExclusive: boolean;
}

/** A transaction works so long, however fast it can be committed. */
const leastWorkMs = 2;
/** Asks between two looks at the clock. */
const asksPerLook = 32;

/** The transactions of a book. Synchronous: in a thread of its own, where nobody else waits for the disk. */
export class Transactions<Ask extends BookAsk, Answer> {
  readonly #db: SqliteDatabase;
  readonly #settings: FileSettings;
  readonly #mark: CommitMark;
  readonly #boot: string;
  readonly #book: Book<Ask, Answer>;
  readonly #dataVersion: SqliteStatement;
  #version: unknown;
  #isStale = false;
  /** How long the last commit took. */
  #commitMs = 0;
  #isFull = true;
  /** Why it was not certain, as the file was opened, that everything is there. */
  readonly loss: string | undefined;

  /**
   * @param open opens the book, or makes it, in a transaction
   * @param doubt why it is not known what of the last asks was done
   * @throws {StoreError}
   */
  constructor(
    db: SqliteDatabase,
    settings: FileSettings,
    open: () => Book<Ask, Answer>,
    doubt?: string,
    boot = bootId(),
  ) {
    this.#boot = boot;
    this.#db = db;
    this.#settings = settings;
    this.#mark = new CommitMark(`${settings.file}-mark`);
    try {
      this.#configure();
      db.exec('BEGIN IMMEDIATE');
      this.#book = open();
      this.#dataVersion = db.prepare('PRAGMA data_version');
      this.loss = doubt ?? this.#findLoss();
      if (this.loss !== undefined) this.#book.renew();
      if (this.#book.row.unsynced !== '') this.#book.setUnsynced('');
      this.#commit();
    } catch (error) {
      this.#letGo();
      throw storeErrorOf(error);
    }
  }

  /**
   * Does what it is asked for in one transaction, in this order; that fails as a whole, but for what only reads. It takes all
   * of the asks, unless that takes longer than to commit: then its answers are fewer, and who is answered can ask for more
   * while the next transaction is made.
   */
  run(asks: readonly Ask[]): (Answer | Failed)[] {
    const answers: Answer[] = [];
    try {
      this.#begin(asks.some(({ kind }) => kind !== 'read'));
      const until = performance.now() + Math.max(leastWorkMs, this.#commitMs);
      for (const ask of asks) {
        answers.push(this.#book.answer(ask));
        if (answers.length % asksPerLook === 0 && performance.now() > until) break;
      }
      this.#commit();
      return answers;
    } catch (error) {
      this.#rollback();
      const failed = { failure: failureOf(error) };
      if (asks.length === 1) return [failed];
      // The one that has failed comes first next time, and fails alone.
      const tried = asks.slice(0, Math.max(1, answers.length));
      return tried.map((ask) => (ask.kind === 'read' ? this.run([ask])[0]! : failed));
    }
  }

  /** Syncs what is not, moves it all into the one file where nobody else writes, and lets go of it. */
  close(): void {
    try {
      if (this.#settings.durability === 'normal') this.#sync();
      // As SQLite does by itself, but not where a driver leaves the connection to the garbage collector.
      this.#db.exec('PRAGMA busy_timeout = 0');
      if (this.#settings.isExclusive) this.#unlock();
      else this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    } finally {
      this.#letGo();
    }
  }

  /** Of a write-ahead log that is nobody else's SQLite lets go only with the log itself; and that with the next read. */
  #unlock(): void {
    pragma(this.#db, 'journal_mode = DELETE');
    pragma(this.#db, 'locking_mode = NORMAL');
    this.#db.prepare('SELECT count(*) FROM sqlite_schema').get();
  }

  #configure(): void {
    const { maxFileBytes, busyMs, isExclusive } = this.#settings;
    this.#db.exec(`PRAGMA busy_timeout = ${busyMs}`);
    // Before the file is read: so it needs no shared memory.
    if (isExclusive) this.#db.exec('PRAGMA locking_mode = EXCLUSIVE');
    if (pragma(this.#db, 'journal_mode = WAL') !== 'wal') {
      throw new StoreError(
        'unavailable',
        'the file system has no shared memory, which SQLite needs for its write-ahead log',
      );
    }
    // Of use on macOS only, where a sync does not reach the disk otherwise.
    this.#db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1');
    // Four times what is usual: pages that are written again and again are moved into the file less often.
    this.#db.exec('PRAGMA wal_autocheckpoint = 4000');
    if (maxFileBytes === Infinity) return;
    this.#db.exec(
      `PRAGMA max_page_count = ${Math.floor(maxFileBytes / Number(pragma(this.#db, 'page_size')))}`,
    );
  }

  /** After a commit that is synced, all before it are too. */
  #sync(): void {
    this.#setFull(true);
    this.#begin(false);
    if (this.#book.row.unsynced !== '') this.#book.setUnsynced('');
    this.#commit();
  }

  #findLoss(): string | undefined {
    const { id, commits, unsynced } = this.#book.row;
    const mark = this.#mark.read();
    if (mark !== undefined && mark.storeId !== id) return 'the file is another one than there was before';
    if (mark !== undefined && commits < mark.commits)
      return 'the end of the file, or of its write-ahead log, is missing';
    if (unsynced !== '' && unsynced !== this.#boot)
      return 'the machine stopped before the last commits were synced';
    return undefined;
  }

  #begin(isWriting: boolean): void {
    this.#db.exec('BEGIN IMMEDIATE');
    const { data_version: version } = this.#dataVersion.get() as { data_version: unknown };
    // Another process has written, or what was remembered was rolled back.
    if (version !== this.#version || this.#isStale) this.#book.forget();
    this.#version = version;
    this.#isStale = false;
    if (this.#settings.durability === 'full' || this.#book.row.unsynced === this.#boot || !isWriting) return;
    // That there are commits which are not synced has to be known for certain before there is one.
    if (!this.#isFull) {
      this.#db.exec('ROLLBACK');
      this.#setFull(true);
      this.#begin(isWriting);
    } else this.#book.setUnsynced(this.#boot);
  }

  #commit(): void {
    const { isChanged } = this.#book;
    if (isChanged) this.#book.save();
    const startedAt = performance.now();
    this.#db.exec('COMMIT');
    if (!isChanged) return;
    this.#commitMs = performance.now() - startedAt;
    this.#book.committed?.();
    const { id, commits, unsynced } = this.#book.row;
    this.#mark.write(id, commits);
    if (this.#settings.durability === 'normal' && unsynced === this.#boot) this.#setFull(false);
  }

  #rollback(): void {
    this.#isStale = true;
    try {
      this.#db.exec('ROLLBACK');
    } catch {
      // There was none: it had not begun, or SQLite has rolled it back already. The first error is the one to tell.
    }
  }

  #setFull(isFull: boolean): void {
    if (isFull === this.#isFull) return;
    this.#db.exec(`PRAGMA synchronous = ${isFull ? 'FULL' : 'NORMAL'}`);
    this.#isFull = isFull;
  }

  #letGo(): void {
    this.#mark.close();
    this.#db.close();
  }
}

/** The same until the machine starts anew; on other systems than Linux never the same. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return randomId();
  }
}
