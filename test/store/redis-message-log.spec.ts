import { Cluster } from 'ioredis';
import { createCluster } from 'redis';

import type { RedisClient } from '../../lib/store/redis/redis-client.js';
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

  describe('in a cluster', () => {
    let node: RedisServer;
    const clients: { disconnect?: () => void; destroy?: () => void }[] = [];
    beforeAll(async () => {
      node = await RedisServer.start({
        config: { 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' },
      });
      const { command } = await node.client('ioredis');
      await command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
      while (!String(await command('CLUSTER', 'INFO')).includes('cluster_state:ok'))
        await new Promise((resolve) => setTimeout(resolve, 20));
    });
    afterAll(async () => {
      for (const client of clients) (client.disconnect ?? client.destroy)?.call(client);
      await node?.stop();
    });
    const connect: Record<string, () => Promise<RedisClient>> = {
      ioredis: () => {
        const cluster = new Cluster([{ host: '127.0.0.1', port: node.port }]);
        clients.push(cluster);
        return Promise.resolve(cluster);
      },
      'node-redis': async () => {
        const cluster = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${node.port}` }] });
        clients.push({ destroy: () => cluster.destroy() });
        return cluster.connect();
      },
    };

    it.each(redisClients)('has the keys of a log on one node, whatever it is called: %s', async (name) => {
      const log = new RedisMessageLog({ client: await connect[name]!(), prefix: `${name}:` });
      const names = ['', 'a', '{', '}', 'a{b}c', '{}', '{a', '%7B', '\ud800', '\ud801'];
      const retention = { count: 10, bytes: 1_000, ageMs: 60_000, latestPerKey: true };
      await Promise.all(names.map((each) => log.append(each, { body: `of ${each}`, key: 'k' }, retention)));
      for (const each of names) {
        const { entries } = await log.read(each, { limit: 10, maxBytes: 1_000 });
        expect(entries).toMatchObject([{ body: Buffer.from(`of ${each}`).toString(), key: 'k' }]);
      }
      await log.remove('a');
      expect(await log.read('a', { limit: 10, maxBytes: 1_000 })).toMatchObject({ offset: 0, entries: [] });
    });
  });
});
