import { join } from 'node:path';

/** Where a server keeps what is to outlive it: sessions, and the history of rooms. @param kind `sqlite`, or the port of a Redis */
export async function openStores(kind, { folder, load, lost }) {
  return kind === 'sqlite' ? inSqlite(folder, load, lost) : inRedis(Number(kind), load, lost);
}

async function inSqlite(folder, load, lost) {
  const { SqliteMessageLog, SqliteSessionStore } = await load('store/sqlite/index.js');
  const options = { durability: 'normal', onLoss: lost };
  return {
    sessions: new SqliteSessionStore({ file: join(folder, 'sessions.db'), ...options }),
    log: new SqliteMessageLog({ file: join(folder, 'history.db'), ...options }),
  };
}

async function inRedis(port, load, lost) {
  const { RedisMessageLog, RedisSessionStore } = await load('store/redis/index.js');
  const { Redis } = await import('ioredis');
  const options = { client: new Redis(port, '127.0.0.1'), onLoss: lost };
  return { sessions: new RedisSessionStore(options), log: new RedisMessageLog(options) };
}
