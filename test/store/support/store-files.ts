import { join } from 'node:path';

import type { LogPage, LogPosition, Retention } from '../../../lib/store/message-log.js';
import { openSqlite } from '../../../lib/store/sqlite/sqlite-driver.js';
import { openLogs, type SqliteLogsSettings } from '../../../lib/store/sqlite/sqlite-logs.js';
import { SqliteMessageLog } from '../../../lib/store/sqlite/sqlite-message-log.js';
import type { SqliteMessageLogOptions } from '../../../lib/store/sqlite/sqlite-message-log.options.js';
import { storeProgram } from '../../support/store-program.js';
import { StoreFolder } from './store-folder.js';

export const all: Retention = { count: Infinity, bytes: Infinity, ageMs: Infinity, latestPerKey: false };
export const everything = { limit: Infinity, maxBytes: Infinity };
/** Logs in a file of their own. */
export class StoreFiles extends StoreFolder {
  /** In a thread. */
  store(options: Partial<SqliteMessageLogOptions> = {}): SqliteMessageLog {
    const worker = join(storeProgram(), 'store/sqlite/log-worker.js');
    return this.opened(new SqliteMessageLog({ file: this.file, worker, ...options }));
  }

  /** In this thread. */
  async logs(settings: Partial<SqliteLogsSettings> = {}, boot?: string): Promise<LogsInThread> {
    const { file } = this;
    const defaults = {
      durability: 'full',
      logs: 10_000,
      compressFrom: Infinity,
      maxFileBytes: Infinity,
      busyMs: 50,
      isExclusive: false,
    } as const;
    const db = await openSqlite(settings.file ?? file, undefined);
    return new LogsInThread(openLogs(db, { file, ...defaults, ...settings }, undefined, boot));
  }
}

/** The same words as a store has, answered at once; a failure is thrown. */
export class LogsInThread {
  constructor(readonly logs: ReturnType<typeof openLogs>) {}

  append(body: string, log = 'a', retention: Partial<Retention> = {}) {
    const ask = { kind: 'append', log, message: { body }, retention: { ...all, ...retention } } as const;
    const answer = this.#answer({ ...ask, size: Buffer.byteLength(body), now: 1 });
    return (answer as { position: LogPosition }).position;
  }

  read(log = 'a'): LogPage {
    const answer = this.#answer({ kind: 'read', log, query: everything, now: 1 });
    return (answer as { page: LogPage }).page;
  }

  close(): void {
    this.logs.close();
  }

  #answer(ask: Parameters<LogsInThread['logs']['run']>[0][number]) {
    const answer = this.logs.run([ask])[0]!;
    if ('failure' in answer) throw Object.assign(new Error(answer.failure.message), answer.failure);
    return answer;
  }
}
