import { Redis } from 'ioredis';

import { OptionError } from '../../lib/primitives/option-error.js';
import { RedisSessionStore } from '../../lib/store/redis/redis-session-store.js';
import { batch, done } from '../contract/session-steps.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { describeWithRedis, RedisServer, type TestRedisClient } from '../support/redis-server.js';
import { fault, SessionLife as Life } from './support/session-life.js';

describeWithRedis('RedisSessionStore, of several processes,', () => {
  let server: RedisServer;
  let redis: TestRedisClient;
  let other: TestRedisClient;

  beforeEach(async () => {
    server = await RedisServer.start();
    redis = await server.client('ioredis');
    other = await server.client('node-redis');
  });
  afterEach(() => server.stop());

  it('hands the sessions of one that has died to another, each to one only, however many', async () => {
    const dead = new Life(redis, 'dead/1');
    const ids = Array.from({ length: 700 }, (_, i) => `s${i}`);
    await Promise.all(ids.map((id) => dead.begin(id)));
    const [one, two] = [new Life(redis, 'one/1'), new Life(other, 'two/1')];
    await Promise.all([one.renew(), two.renew()]);
    const [ofOne, ofTwo] = await Promise.all([one.adopt(), two.adopt()]);
    expect([...ofOne, ...ofTwo].sort()).toEqual(ids.sort());
    await Promise.all([...ofOne.map((id) => one.write(id, {})), ...ofTwo.map((id) => two.write(id, {}))]);
  });

  it('hands them over at once when a process closes its store, and not before', async () => {
    const [one, two] = [new Life(redis, 'one/1'), new Life(other, 'two/1')];
    await one.renew();
    await one.begin('a');
    expect(await two.adopt()).toEqual([]);
    const last = one.write('a', { last: 5 });
    await one.store.close();
    await last;
    await expect(one.write('a', {})).rejects.toEqual(fault('closed'));
    await expect(one.renew()).rejects.toEqual(fault('closed'));
    expect(await two.adopt()).toEqual(['a']);
    expect(await two.claim('a')).toMatchObject({ last: 5 });
  });

  it('keeps nothing for ever, and what is used for as long as it is used', async () => {
    const [one, two] = [new Life(redis, 'one/1', { expiresMs: 60_000 }), new Life(other, 'two/1')];
    await one.begin('a', { sent: [batch(1)], settled: [done(1)] });
    await one.renew();
    await two.renew();
    await one.begin('idle');
    await two.claim('idle');
    await one.store.adopt('one/1');
    for (const key of (await redis.command('KEYS', '*')) as string[])
      expect([key, Number(await redis.command('PTTL', key)) > 0]).toEqual([key, true]);
    const key = '{gatewire:sessions}:session:a';
    await redis.command('PEXPIRE', key, '1000');
    one.clock.advance(15_000);
    await one.renew();
    await one.write('a', {});
    expect(Number(await redis.command('PTTL', key))).toBeGreaterThan(50_000);
  });

  it('does no change twice, and none in another order, however often connections break', async () => {
    const proxy = await CuttingProxy.start(server.port);
    const client = new Redis(Number(new URL(proxy.url).port), '127.0.0.1', { retryStrategy: () => 1 });
    client.on('error', () => undefined);
    const life = new Life({ client }, 'one/1');
    try {
      await life.begin('a', { rooms: ['0'] });
      for (let i = 1; i <= 40; i++) {
        proxy.bytesLeft = i % 8;
        const writes = [0, 1, 2].map((j) =>
          life.write('a', { sent: [batch(3 * i + j - 2)], settled: [done(3 * i + j)] }),
        );
        await Promise.all(writes);
      }
      expect(proxy.cuts).toBeGreaterThan(20);
      const found = await new Life(other, 'two/1').claim('a');
      expect(found?.sent.map(({ first }) => first)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
      expect(found?.settled.at(-1)).toEqual(done(122));
      expect(life.losses).toEqual([]);
    } finally {
      client.disconnect();
      await proxy.close();
    }
  });

  it('tells that something else has the key of a session, and leaves it as it is', async () => {
    await redis.command('SET', '{p}:session:a', 'precious');
    const life = new Life(redis, 'one/1', { prefix: 'p' });
    const outcomes = await Promise.allSettled([life.begin('a'), life.begin('b'), life.claim('a')]);
    expect(outcomes).toMatchObject([
      { reason: { fault: 'incompatible' } },
      { status: 'fulfilled' },
      { reason: { fault: 'incompatible' } },
    ]);
    expect(await redis.command('GET', '{p}:session:a')).toBe('precious');
  });

  it('takes no more than may wait', async () => {
    const life = new Life(redis, 'one/1', { queued: 2, queuedBytes: 1_000 });
    const calls = [life.begin('a'), life.write('a', {}), life.write('a', {})];
    await expect(calls[2]).rejects.toEqual(fault('overloaded'));
    await Promise.all(calls.slice(0, 2));
    await life.write('a', { rooms: ['x'.repeat(2_000)] });
    const pair = [life.write('a', {}), life.write('a', { rooms: ['x'.repeat(2_000)] })];
    await expect(pair[1]).rejects.toEqual(fault('overloaded'));
    await pair[0];
  });

  it('refuses options that cannot work', async () => {
    const { client } = redis;
    for (const wrong of [
      { prefix: '' },
      { sessions: 0 },
      { expiresMs: 59_999 },
      { durability: 'none' as 'full' },
    ])
      expect(() => new RedisSessionStore({ client, ...wrong })).toThrow(OptionError);
    await new Life(redis, 'one/1', { prefix: 'mine{tag}' }).begin('a');
    expect(await redis.command('EXISTS', 'mine{tag}:session:a')).toBe(1);
  });
});
