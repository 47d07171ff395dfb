import { jest } from '@jest/globals';
import { RedisMessageLog } from '../../lib/store/redis/redis-message-log.js';
import type { StoreError } from '../../lib/store/store-error.js';
import { batch } from '../contract/session-steps.js';
import { RedisSentinel } from '../support/redis-sentinel.js';
import { describeWithRedis, redisClients } from '../support/redis-server.js';
import { fault, SessionLife } from './support/session-life.js';

// The Sentinel takes a few seconds to be sure.
jest.setTimeout(60_000);

const all = { count: Infinity, bytes: Infinity, ageMs: Infinity, latestPerKey: false };
const everything = { limit: Infinity, maxBytes: Infinity };

describeWithRedis('A replica that takes over', () => {
  let sentinel: RedisSentinel;
  beforeEach(async () => {
    sentinel = await RedisSentinel.start();
  });
  afterEach(() => sentinel.stop());

  it.each(redisClients)('with less than was confirmed: what is missing is told (%s)', async (name) => {
    const redis = await sentinel.client(name);
    const losses: StoreError[] = [];
    const log = new RedisMessageLog({
      client: redis.client,
      durability: 'full',
      onLoss: (error) => void losses.push(error),
    });
    const append = (to: string, body: string) => log.append(to, { body }, all);
    const life = new SessionLife(redis, 'one/1');
    await life.renew();
    for (const id of ['whole', 'behind']) await life.begin(id, { sent: [batch(1)] });
    await append('whole', '1');
    const confirmed = await append('behind', '1');
    await sentinel.settled();

    await sentinel.cutReplica();
    expect(await append('behind', '2')).toEqual({ ...confirmed, offset: 2 });
    await life.write('behind', { sent: [batch(2)] });
    await sentinel.failOver(redis);

    const left = await log.read('behind', everything);
    expect(left).toMatchObject({ offset: 1, entries: [{ body: '1' }] });
    expect(left.epoch).not.toBe(confirmed.epoch);
    expect(losses).toMatchObject([{ fault: 'lost', message: expect.stringContaining('"behind"') }]);
    expect(await append('whole', '2')).toMatchObject({ offset: 2 });
    await expect(life.write('behind', { sent: [batch(3)] })).rejects.toEqual(fault('lost'));
    await life.write('whole', { sent: [batch(2)] });
    expect(life.losses).toHaveLength(1);
    expect(await new SessionLife(redis, 'one/2', { durability: 'full' }).adopt()).toEqual(['whole']);
  });
});
