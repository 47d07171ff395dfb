import { join } from 'node:path';

import type { SessionChange, SessionRecord, StoredSession } from '../../../lib/store/session-store.js';
import {
  packAnswers,
  packAsks,
  type PackedAsk,
  SessionAsks,
  unpackAnswers,
  unpackAsks,
} from '../../../lib/store/sqlite/packed-sessions.js';
import type { FoundSessions, SessionAsk } from '../../../lib/store/sqlite/session-asks.js';
import { openSqlite } from '../../../lib/store/sqlite/sqlite-driver.js';
import { SqliteSessionStore } from '../../../lib/store/sqlite/sqlite-session-store.js';
import type { SqliteSessionStoreOptions } from '../../../lib/store/sqlite/sqlite-session-store.options.js';
import { openSessions, type SqliteSessionsSettings } from '../../../lib/store/sqlite/sqlite-sessions.js';
import { StoreError } from '../../../lib/store/store-error.js';
import { storeProgram } from '../../support/store-program.js';
import { StoreFolder } from './store-folder.js';

export const recordOf = (id: string, part: Partial<SessionRecord> = {}): SessionRecord => ({
  id,
  tokenHash: `hash of ${id}`,
  endpoint: '/',
  encoding: 'json',
  url: '/',
  remembers: 100,
  ...part,
});

/** Sessions in a file of their own. */
export class SessionFiles extends StoreFolder {
  /** In a thread. */
  store(options: Partial<SqliteSessionStoreOptions> = {}): SqliteSessionStore {
    const worker = join(storeProgram(), 'store/sqlite/session-worker.js');
    return this.opened(new SqliteSessionStore({ file: this.file, worker, ...options }));
  }

  /** In this thread. */
  async sessions(settings: Partial<SqliteSessionsSettings> = {}, boot?: string): Promise<SessionsInThread> {
    const defaults = {
      durability: 'full',
      sessions: 100_000,
      maxFileBytes: Infinity,
      busyMs: 50,
      isExclusive: true,
    } as const;
    const file = settings.file ?? this.file;
    const db = await openSqlite(file, undefined);
    return new SessionsInThread(openSessions(db, { ...defaults, ...settings, file }, boot));
  }
}

/** The same words as a store has, answered at once; a failure is thrown. */
export class SessionsInThread {
  readonly #asks = new SessionAsks();

  constructor(readonly sessions: ReturnType<typeof openSessions>) {}

  write(id: string, owner: string, change: SessionChange): void {
    this.#answer(this.#asks.write(id, owner, change));
  }

  claim(id: string, tokenHash: string, owner: string): StoredSession | undefined {
    return (this.#answer(this.#asks.claim(id, tokenHash, owner)) as FoundSessions).sessions[0];
  }

  adopt(owner: string): readonly StoredSession[] {
    return (this.#answer(this.#asks.adopt(owner)) as FoundSessions).sessions;
  }

  close(): void {
    this.sessions.close();
  }

  #answer(ask: PackedAsk): unknown {
    const asks: SessionAsk[] = [];
    unpackAsks(packAsks([ask]).content, asks);
    const [answer] = unpackAnswers(packAnswers(this.sessions.run(asks)).content);
    if (answer instanceof StoreError) throw answer;
    return answer;
  }
}
