import type { LoggedMessage, LogPage, LogPosition, LogQuery, MessageLog, Retention } from '../message-log.js';
import { isSameRetention } from '../same-retention.js';
import { StoreError } from '../store-error.js';
import { AskQueue } from './ask-queue.js';
import type { LogAsk } from './log-asks.js';
import { packAsks, unpackAnswers } from './packed-asks.js';
import {
  resolveSqliteMessageLogOptions,
  type SqliteMessageLogOptions,
} from './sqlite-message-log.options.js';

/**
 * Keeps logs in a file, by SQLite in a thread of its own: no sync of the disk holds up the sockets. An append resolves
 * when its transaction is committed; all that came while the last one was committed share the next.
 *
 * Several processes may have the file open. A log that is appended to by two of them has one order, and offsets without
 * gaps; but nobody is told of what another process appends.
 */
export class SqliteMessageLog implements MessageLog {
  readonly #now: () => number;
  readonly #queue: AskQueue<LogAsk>;
  /** As it was sent last: what is one object is sent once per batch. */
  #retention: Retention | undefined;

  /** Opens the file, in its thread; {@link ready} tells how that went. @throws {OptionError} */
  constructor(options: SqliteMessageLogOptions) {
    const { logs, now, ...settings } = resolveSqliteMessageLogOptions(options);
    this.#now = () => Math.floor(now());
    this.#queue = new AskQueue(
      {
        ...settings,
        onLoss: (loss) => settings.onLoss(new StoreError('lost', `every epoch was changed: ${loss}`)),
      },
      { ...settings, name: 'log-worker.js', settings: logs, packAsks, unpackAnswers },
    );
  }

  /** Appends, reads and removals that wait for the disk. */
  get queued(): number {
    return this.#queue.waiting;
  }

  /** Of their bodies and keys. */
  get queuedBytes(): number {
    return this.#queue.waitingBytes;
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
    return this.#queue.ask(
      { kind: 'append', log, message, retention: this.#plain(retention), size, now },
      size,
    );
  }

  read(
    log: string,
    { after = 0, before = Infinity, order = 'oldest', limit, maxBytes }: LogQuery,
  ): Promise<LogPage> {
    const query = { after, before, order, limit, maxBytes };
    return this.#queue.ask({ kind: 'read', log, query, now: this.#now() }, 0);
  }

  async remove(log: string): Promise<void> {
    await this.#queue.ask({ kind: 'remove', log }, 0);
  }

  /** Commits what was asked for, and lets go of the file. @throws {StoreError} */
  close(): Promise<void> {
    return this.#queue.close();
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
