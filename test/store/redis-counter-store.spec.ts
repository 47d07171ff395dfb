import fc from 'fast-check';

import type { CounterRule } from '../../lib/store/counter-store.js';
import { MemoryCounterStore } from '../../lib/store/memory/memory-counter-store.js';
import { RedisCounterStore } from '../../lib/store/redis/redis-counter-store.js';
import { counterStoreContract } from '../contract/counter-store.contract.js';
import { FakeClock } from '../support/fake-clock.js';
import { describeWithRedis, redisClients, RedisServer } from '../support/redis-server.js';

const rule: CounterRule = {
  algorithm: 'sliding-window',
  perMs: 60_000,
  messages: 50,
  bytes: Infinity,
  burstMessages: 50,
  burstBytes: Infinity,
};

describeWithRedis('RedisCounterStore', () => {
  let server: RedisServer;
  let stores = 0;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.stop());

  for (const name of redisClients) {
    counterStoreContract({
      name,
      create: async () => {
        const { client, close } = await server.client(name);
        let now = 1_700_000_000_000;
        return {
          store: new RedisCounterStore({ client, prefix: `${name} ${stores++}:`, now: () => now }),
          pass: (ms) => {
            now += ms;
            return Promise.resolve();
          },
          close,
        };
      },
    });
  }

  it('counts for all servers together, by the clock of Redis: never one too many', async () => {
    const clients = await Promise.all([...redisClients, ...redisClients].map((name) => server.client(name)));
    const together = clients.map(({ client }) => new RedisCounterStore({ client, prefix: 'together:' }));
    const verdicts = await Promise.all(
      Array.from({ length: 200 }, (_, i) => together[i % together.length]!.take('key', rule, 1, 0)),
    );
    expect(verdicts.filter(({ isAllowed }) => isAllowed)).toHaveLength(50);
    const [wait] = verdicts.filter(({ isAllowed }) => !isAllowed).map(({ retryAfterMs }) => retryAfterMs);
    expect(wait).toBeGreaterThan(50_000);
    expect(wait).toBeLessThanOrEqual(60_000);
  });

  it('decides as the counters in memory do', async () => {
    const { client } = await server.client('ioredis');
    const limit = fc.constantFrom(1, 3, 10, Infinity);
    const anyRule = fc
      .record({ algorithm: fc.constantFrom('sliding-window', 'token-bucket'), messages: limit, bytes: limit })
      .chain(({ algorithm, messages, bytes }) =>
        fc.constantFrom(1, 2.5).map((burst): CounterRule => ({
          algorithm,
          perMs: 1_600,
          messages,
          bytes,
          burstMessages: algorithm === 'token-bucket' ? messages * burst : messages,
          burstBytes: algorithm === 'token-bucket' ? bytes * burst : bytes,
        })),
      );
    const demand = fc.record({
      ms: fc.constantFrom(0, 1, 60, 101, 700, 2_000),
      messages: fc.nat(2),
      bytes: fc.nat(12),
    });
    await fc.assert(
      fc.asyncProperty(anyRule, fc.array(demand, { maxLength: 30 }), async (kept, demands) => {
        const clock = new FakeClock();
        const memory = new MemoryCounterStore({ clock });
        const prefix = `model ${stores++}:`;
        const redis = new RedisCounterStore({ client, prefix, now: () => clock.now() });
        for (const { ms, messages, bytes } of demands) {
          clock.advance(ms);
          const got = await redis.take('k', kept, messages, bytes);
          const expected = memory.take('k', kept, messages, bytes);
          // The last digit of a sum of fractions may be another one.
          const isNear =
            got.retryAfterMs === expected.retryAfterMs ||
            Math.abs(got.retryAfterMs - expected.retryAfterMs) <= 1;
          expect({ ...got, isNear }).toEqual({ ...got, isAllowed: expected.isAllowed, isNear: true });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('lets a key expire when it has recovered', async () => {
    const redis = await server.client('ioredis');
    const store = new RedisCounterStore({ client: redis.client, prefix: 'expires:' });
    await store.take('window', rule, 1, 0);
    await store.take('bucket', { ...rule, algorithm: 'token-bucket' }, 10, 0);
    const ttls = await Promise.all(
      ['window', 'bucket'].map(async (key) => Number(await redis.command('PTTL', `expires:${key}`))),
    );
    expect(ttls.map((ms) => Math.ceil((ms - 1_000) / 1_000))).toEqual([60, 12]);
  });

  it('writes nothing for what it refuses, and counts in another way from the beginning', async () => {
    const redis = await server.client('ioredis');
    const store = new RedisCounterStore({ client: redis.client, prefix: 'other way:' });
    expect((await store.take('k', rule, 51, 0)).retryAfterMs).toBe(Infinity);
    expect(await redis.command('EXISTS', 'other way:k')).toBe(0);
    await store.take('k', rule, 50, 0);
    const bucket = { ...rule, algorithm: 'token-bucket' } as const;
    expect((await store.take('k', bucket, 1, 0)).isAllowed).toBe(true);
  });

  it('fails with the fault of Redis, for the limit to count by itself', async () => {
    const full = await RedisServer.start({ config: { maxmemory: '1', 'maxmemory-policy': 'noeviction' } });
    try {
      const { client } = await full.client('node-redis');
      const store = new RedisCounterStore({ client, commandTimeoutMs: 100 });
      await expect(store.take('k', rule, 1, 0)).rejects.toMatchObject({ name: 'StoreError', fault: 'full' });
      full.pause();
      await expect(store.take('k', rule, 1, 0)).rejects.toMatchObject({ fault: 'unavailable' });
    } finally {
      full.resume();
      await full.stop();
    }
  });
});
