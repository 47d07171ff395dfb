import { RedisMessageLog } from '../../lib/store/redis/redis-message-log.js';
import type { RedisMessageLogOptions } from '../../lib/store/redis/redis-message-log.options.js';
import { messageLogContract } from '../contract/message-log.contract.js';
import { describeWithRedis, redisClients, RedisServer } from '../support/redis-server.js';

const variants: Record<string, Partial<RedisMessageLogOptions>> = {
  ioredis: {},
  'node-redis': { compression: { thresholdBytes: 0 }, durability: 'full' },
};

describeWithRedis('RedisMessageLog', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.stop());

  for (const name of redisClients) {
    let logs = 0;
    messageLogContract({
      name,
      cases: 60,
      create: async () => {
        const { client, close } = await server.client(name);
        let now = 1_700_000_000_000;
        const prefix = `${name} ${logs++}:`;
        const log = new RedisMessageLog({ client, prefix, ...variants[name], now: () => now });
        return {
          log,
          pass: (ms) => {
            now += ms;
            return Promise.resolve();
          },
          close: async () => {
            await log.close();
            await close();
          },
        };
      },
    });
  }
});
