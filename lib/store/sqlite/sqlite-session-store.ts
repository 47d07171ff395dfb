import type { SessionChange, SessionStore, StoredSession } from '../session-store.js';
import { StoreError } from '../store-error.js';
import { AskQueue } from './ask-queue.js';
import { packAsks, type PackedAsk, SessionAsks, unpackAnswers } from './packed-sessions.js';
import type { FoundSessions } from './session-asks.js';
import {
  resolveSqliteSessionStoreOptions,
  type SqliteSessionStoreOptions,
} from './sqlite-session-store.options.js';

/**
 * Keeps sessions in a file, by SQLite in a thread of its own: no sync of the disk holds up the sockets. A change resolves
 * when its transaction is committed; all that came while the last one was committed share the next.
 *
 * One process has the file, and nobody else can open it. Who adopts gets every session that it does not have.
 */
export class SqliteSessionStore implements SessionStore {
  readonly #asks = new SessionAsks();
  readonly #queue: AskQueue<PackedAsk>;
  /** Handed to an owner that was not told of them, as what came after them failed. */
  readonly #untold = new Map<string, StoredSession[]>();

  /** Opens the file, in its thread; {@link ready} tells how that went. @throws {OptionError} */
  constructor(options: SqliteSessionStoreOptions) {
    const { sessions, ...settings } = resolveSqliteSessionStoreOptions(options);
    this.#queue = new AskQueue(
      {
        ...settings,
        onLoss: (loss) => settings.onLoss(new StoreError('lost', `every session was dropped: ${loss}`)),
      },
      { ...settings, name: 'session-worker.js', settings: sessions, packAsks, unpackAnswers },
    );
  }

  /** Calls that wait for the disk. */
  get queued(): number {
    return this.#queue.waiting;
  }

  /** Of what they carry. */
  get queuedBytes(): number {
    return this.#queue.waitingBytes;
  }

  /** Half of what may wait does: who comes back is to find room. */
  get isBusy(): boolean {
    return this.#queue.isBusy;
  }

  /** Resolves when the file is open. @throws {OptionError} when there is no driver; {@link StoreError} */
  async ready(): Promise<void> {
    await this.#ask(this.#asks.read());
  }

  /** @throws {StoreError} what was adopted by then comes with the next call */
  async adopt(owner: string): Promise<StoredSession[]> {
    const adopted = this.#untold.get(owner) ?? [];
    this.#untold.delete(owner);
    try {
      for (let isAll = false; !isAll;) {
        const found = await this.#ask<FoundSessions>(this.#asks.adopt(owner));
        for (const session of found.sessions) adopted.push(session);
        ({ isAll } = found);
      }
      return adopted;
    } catch (error) {
      if (adopted.length > 0) this.#untold.set(owner, adopted);
      throw error;
    }
  }

  /** @throws {StoreError} */
  async claim(id: string, tokenHash: string, owner: string): Promise<StoredSession | undefined> {
    const { sessions } = await this.#ask<FoundSessions>(this.#asks.claim(id, tokenHash, owner));
    return sessions[0];
  }

  /** @throws {StoreError}, {TypeError} an outcome cannot be written as JSON */
  async write(id: string, owner: string, change: SessionChange): Promise<void> {
    await this.#ask(this.#asks.write(id, owner, change));
  }

  /** Commits what was asked for, and lets go of the file. @throws {StoreError} */
  close(): Promise<void> {
    return this.#queue.close();
  }

  #ask<Answer>(ask: PackedAsk): Promise<Answer> {
    return this.#queue.ask(ask, ask.bytes.length);
  }
}
