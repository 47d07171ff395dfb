import { RedisSessionStore } from '../../lib/store/redis/redis-session-store.js';
import type { SessionStore } from '../../lib/store/session-store.js';
import { sessionStoreContract } from '../contract/session-store.contract.js';
import { describeWithRedis, redisClients, RedisServer } from '../support/redis-server.js';

/** An owner that lives for a moment of the test lives for so much longer: only the test lets time go by. */
const slowness = 10_000;

describeWithRedis('RedisSessionStore', () => {
  let server: RedisServer;
  let tests = 0;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.stop());

  for (const name of redisClients) {
    sessionStoreContract({
      name: `Redis, ${name}`,
      cases: 40,
      create: async () => {
        const redis = await server.client(name);
        const prefix = `test ${++tests}`;
        const open = () => new RedisSessionStore({ client: redis.client, prefix });
        let store = open();
        const slow = (): SessionStore => ({
          adopt: (owner) => store.adopt(owner),
          claim: (...args) => store.claim(...args),
          write: (...args) => store.write(...args),
          renew: (owner, ttlMs) => store.renew(owner, ttlMs * slowness),
        });
        return {
          store: slow(),
          pass: async (ms) => {
            for (const key of (await redis.command('KEYS', `{${prefix}}:lease:*`)) as string[]) {
              const left = Number(await redis.command('PTTL', key));
              await redis.command('PEXPIRE', key, String(left - ms * slowness));
            }
          },
          reopen: async () => {
            await store.close();
            store = open();
            return slow();
          },
          close: async () => {
            await store.close();
            await redis.close();
          },
        };
      },
    });
  }
});
