import type { LoggedMessage, LogPage, LogPosition, LogQuery, MessageLog, Retention } from '../message-log.js';
import { isSameRetention } from '../same-retention.js';
import { StoreError } from '../store-error.js';
import type { LogAsk } from './log-asks.js';
import { LogThread, type WaitingAsk } from './log-thread.js';
import {
  resolveSqliteMessageLogOptions,
  type SqliteMessageLogOptions,
  type SqliteMessageLogSettings,
} from './sqlite-message-log.options.js';

/** After the thread could not open its file, how long others are told so before it is tried again. */
const restMs = 1_000;

/**
 * Keeps logs in a file, by SQLite in a thread of its own: no sync of the disk holds up the sockets. An append resolves
 * when its transaction is committed; all that came while the last one was committed share the next.
 *
 * Several processes may have the file open. A log that is appended to by two of them has one order, and offsets without
 * gaps; but nobody is told of what another process appends.
 */
export class SqliteMessageLog implements MessageLog {
  readonly #settings: SqliteMessageLogSettings;
  #thread: LogThread | undefined;
  /** Asked in this tick: handed to the thread together. */
  #gathered: WaitingAsk[] = [];
  #waiting = 0;
  #waitingBytes = 0;
  /** Why there is no thread, for as long as it makes no sense to start another one. */
  #refusal: Error | undefined;
  /** Why it is not known what of the last asks was done. */
  #doubt: string | undefined;
  #closing: Promise<void> | undefined;
  /** As it was sent last: what is one object is sent once per batch. */
  #retention: Retention | undefined;

  /** Opens the file, in its thread; {@link ready} tells how that went. @throws {OptionError} */
  constructor(options: SqliteMessageLogOptions) {
    this.#settings = resolveSqliteMessageLogOptions(options);
    this.#thread = this.#start();
  }

  /** Appends, reads and removals that wait for the disk. */
  get queued(): number {
    return this.#waiting;
  }

  /** Of their bodies and keys. */
  get queuedBytes(): number {
    return this.#waitingBytes;
  }

  /** Resolves when the file is open. @throws {OptionError} when there is no driver; {@link StoreError} */
  async ready(): Promise<void> {
    await this.read('', { limit: 0, maxBytes: 0 });
  }

  append(log: string, { body, key }: LoggedMessage, retention: Retention): Promise<LogPosition> {
    const size = Buffer.byteLength(body) + (key === undefined ? 0 : Buffer.byteLength(key));
    // A copy: nobody changes it before it is written, and nothing that lies beside it travels with it.
    const message = { body: typeof body === 'string' ? body : new Uint8Array(body), key };
    const now = this.#now();
    return this.#ask({ kind: 'append', log, message, retention: this.#plain(retention), size, now }, size);
  }

  read(
    log: string,
    { after = 0, before = Infinity, order = 'oldest', limit, maxBytes }: LogQuery,
  ): Promise<LogPage> {
    const query = { after, before, order, limit, maxBytes };
    return this.#ask({ kind: 'read', log, query, now: this.#now() }, 0);
  }

  async remove(log: string): Promise<void> {
    await this.#ask({ kind: 'remove', log }, 0);
  }

  /** Commits what was asked for, and lets go of the file. @throws {StoreError} */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#hand();
    await this.#thread?.close();
  }

  #now(): number {
    return Math.floor(this.#settings.now());
  }

  #ask<Answer>(ask: LogAsk, size: number): Promise<Answer> {
    const refusal = this.#refusalOf(size);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#waiting++;
    this.#waitingBytes += size;
    return new Promise<Answer>((resolve, reject) => {
      this.#gathered.push({ ask, size, resolve: resolve as WaitingAsk['resolve'], reject });
      if (this.#gathered.length === 1) setImmediate(() => this.#hand());
    });
  }

  #refusalOf(size: number): Error | undefined {
    const { queued, queuedBytes } = this.#settings;
    if (this.#closing !== undefined) return new StoreError('closed', 'the store is closed');
    if (this.#refusal !== undefined) return this.#refusal;
    if (this.#waiting >= queued || (this.#waiting > 0 && this.#waitingBytes + size > queuedBytes)) {
      return new StoreError(
        'overloaded',
        'too much waits for the disk: append less, or raise queued and queuedBytes',
      );
    }
    return undefined;
  }

  #hand(): void {
    const gathered = this.#gathered;
    if (gathered.length === 0) return;
    this.#gathered = [];
    this.#thread ??= this.#start();
    this.#thread.send(gathered);
  }

  #start(): LogThread {
    return new LogThread(this.#settings, this.#doubt, {
      settled: (size) => {
        this.#waiting--;
        this.#waitingBytes -= size;
      },
      opened: (loss) => {
        this.#doubt = undefined;
        if (loss !== undefined)
          this.#settings.onLoss(new StoreError('lost', `every epoch was changed: ${loss}`));
      },
      refused: (error) => this.#refused(error),
      died: (error, isDoubtful) => {
        this.#thread = undefined;
        if (isDoubtful) this.#doubt = 'the thread of the store died while it wrote';
      },
    });
  }

  #refused(error: Error): void {
    this.#thread = undefined;
    this.#refusal = error;
    setTimeout(() => (this.#refusal = undefined), restMs).unref();
    for (const { size, reject } of this.#gathered.splice(0)) {
      this.#waiting--;
      this.#waitingBytes -= size;
      reject(error);
    }
  }

  /** Without whatever else the object has, which may not be able to travel. */
  #plain(retention: Retention): Retention {
    if (this.#retention === undefined || !isSameRetention(this.#retention, retention)) {
      const { count, bytes, ageMs, latestPerKey } = retention;
      this.#retention = { count, bytes, ageMs, latestPerKey };
    }
    return this.#retention;
  }
}
