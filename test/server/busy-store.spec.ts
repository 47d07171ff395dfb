import { RedisSessionStore } from '../../lib/store/redis/redis-session-store.js';
import type { SessionStore } from '../../lib/store/session-store.js';
import { SessionFiles } from '../store/support/session-files.js';
import { describeWithRedis, RedisServer } from '../support/redis-server.js';
import { type Life, ServerLives } from '../support/server-lives.js';
import type { SessionClient } from '../support/session-client.js';
import { SessionFixture, until } from '../support/session-fixture.js';

describe('a store of sessions that is busy', () => {
  let lives: ServerLives;
  beforeEach(() => {
    lives = new ServerLives();
  });
  afterEach(() => lives.stop());

  /** Sessions in one room, and a store that likes to have two calls at a time. */
  async function crowd(): Promise<Life & { clients: SessionClient[] }> {
    const life = await lives.start();
    const clients = await Promise.all(Array.from({ length: 20 }, () => life.at.open()));
    for (const connection of life.at.connected) connection.join('news');
    await until(
      () => life.store.changes.filter(({ rooms }) => rooms?.includes('news') === true).length === 20,
    );
    await until(() => !life.store.isBusy);
    life.store.changes.length = 0;
    life.store.most = 2;
    life.store.hold();
    return { ...life, clients };
  }

  async function tell({ at }: Life, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      at.server.to('news').emit('told', i);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('is asked for no more than it likes to have: sessions gather what they write at their turn', async () => {
    const life = await crowd();
    await tell(life, 5);
    expect(life.store.changes.length).toBe(2);
    life.store.release();
    for (const client of life.clients) expect(await client.take(5)).toEqual([0, 1, 2, 3, 4]);
    // The two that were first have not gathered all.
    expect(life.store.changes.length).toBeLessThanOrEqual(24);
    expect(life.at.gauges.sessions).toBe(20);
  });

  it('has all of it when the server is stopped', async () => {
    const life = await crowd();
    await tell(life, 5);
    const stopped = life.at.fixture.engine.close();
    await until(() => life.at.gauges.connections === 0 || life.store.changes.length > 2);
    life.store.release();
    await stopped;
    const next = await lives.start();
    await until(() => next.at.gauges.sessionsAway === 20);
    for (const client of life.clients) {
      const back = await next.at.open(client);
      expect(back.welcome).toMatchObject({ resumed: true, recovered: true });
      expect(await back.take(5)).toEqual([0, 1, 2, 3, 4]);
    }
  });
});

/** Many sessions, and five times a kilobyte for each of them at once. */
async function expectNoOverload(store: SessionStore): Promise<void> {
  const at = await SessionFixture.start({ options: { session: { store } } });
  try {
    const clients: SessionClient[] = [];
    for (let i = 0; i < 40; i++) clients.push(await at.open());
    for (const connection of at.connected) connection.join('news');
    const text = 'x'.repeat(1_000);
    for (let i = 0; i < 5; i++) at.server.to('news').emit('told', text);
    for (const client of clients) expect(await client.take(5)).toEqual(Array(5).fill(text));
    expect(at.gauges.sessions).toBe(40);
    expect(at.fixture.log.lines).toEqual([]);
  } finally {
    await at.fixture.stop();
  }
}

describe('a broadcast to more sessions than may wait for', () => {
  it.each([
    ['calls', { queued: 10 }],
    ['bytes', { queuedBytes: 20_000 }],
  ])('SQLite is none too many (%s)', async (_what, options) => {
    const files = new SessionFiles();
    try {
      await expectNoOverload(files.store(options));
    } finally {
      await files.remove();
    }
  });
});

describeWithRedis('a broadcast to more sessions than may wait for', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());

  it.each([
    ['calls', { queued: 10 }],
    ['bytes', { queuedBytes: 20_000 }],
  ])('Redis is none too many (%s)', async (what, options) => {
    const { client, close } = await redis.client('ioredis');
    try {
      await expectNoOverload(new RedisSessionStore({ client, prefix: what, ...options }));
    } finally {
      await close();
    }
  });
});
