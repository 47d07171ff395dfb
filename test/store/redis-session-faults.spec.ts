import { batch, done, moved } from '../contract/session-steps.js';
import {
  describeWithRedis,
  redisClients,
  RedisServer,
  type TestRedisClient,
} from '../support/redis-server.js';
import { fault, SessionLife as Life } from './support/session-life.js';

const [lost, unavailable, full] = [fault('lost'), fault('unavailable'), fault('full')];

describeWithRedis('RedisSessionStore, when Redis', () => {
  let server: RedisServer;
  let redis: TestRedisClient;
  let other: TestRedisClient;

  describe.each(redisClients)('(by %s)', (name) => {
    const start = async (options?: Parameters<typeof RedisServer.start>[0]): Promise<void> => {
      server = await RedisServer.start(options);
      redis = await server.client(name);
      other = await server.client(name);
    };
    afterEach(() => server.stop());
    /** Clients are connected again. */
    const back = async (): Promise<void> => {
      for (const client of [redis, other]) while (!(await isThere(client)));
    };

    describe('is killed and has written down what it confirmed', () => {
      beforeEach(() => start({ appendfsync: 'always' }));

      it('a process that lives goes on in all of its sessions', async () => {
        const life = new Life(redis, 'one/1');
        await life.renew();
        await life.begin('a', { sent: [batch(1)], settled: [done(1)] });
        await server.restart();
        await back();
        await life.write('a', { sent: [batch(2)] });
        await life.renew();
        expect(await new Life(other, 'two/1').claim('a')).toMatchObject({
          sent: [{ first: 1 }, { first: 2 }],
          settled: [done(1)],
        });
        expect(life.losses).toEqual([]);
      });

      it('sessions of a process that has died as well go on where Redis is said to lose nothing', async () => {
        await new Life(redis, 'one/1').begin('a', { sent: [batch(1)] });
        await server.restart();
        await back();
        expect(await new Life(other, 'two/1', { durability: 'full' }).adopt()).toEqual(['a']);
      });

      it('and where it is not, they are over: nobody can tell whether they are whole', async () => {
        const dead = new Life(redis, 'one/1');
        await dead.renew();
        await dead.begin('a');
        await dead.begin('b');
        await server.restart();
        await back();
        const next = new Life(other, 'one/2');
        expect(await next.claim('b')).toBeUndefined();
        expect(await next.adopt()).toEqual([]);
        expect(next.losses).toEqual([lost, lost]);
        await expect(dead.write('a', {})).rejects.toEqual(moved);
        await next.begin('c');
        expect(await new Life(other, 'one/3').adopt()).toEqual(['c']);
      });
    });

    describe('has lost everything', () => {
      beforeEach(() => start());

      it('says so for each session of a process that lives, and takes new ones', async () => {
        const life = new Life(redis, 'one/1');
        for (const id of ['a', 'b', 'c']) await life.begin(id);
        await server.restart({ empty: true });
        await back();
        await expect(life.write('a', { last: 1 })).rejects.toEqual(lost);
        await expect(life.write('b', { end: true })).rejects.toEqual(lost);
        await life.begin('d');
        await expect(life.write('c', { last: 1 })).rejects.toEqual(lost);
        await life.write('d', { last: 1 });
        expect(life.losses).toEqual([
          expect.objectContaining({ fault: 'lost', message: expect.stringMatching(/^3 /) }),
        ]);
        // It is told once. Then it is unknown, as any.
        await expect(life.write('a', { last: 1 })).rejects.toEqual(moved);
      });

      it('is found out when a process says that it lives, where nothing is written', async () => {
        const life = new Life(redis, 'one/1');
        await life.begin('a');
        await redis.command('FLUSHALL');
        await life.renew();
        expect(life.losses).toHaveLength(1);
        await expect(life.write('a', { last: 1 })).rejects.toEqual(lost);
      });
    });

    describe('comes back with less than it confirmed', () => {
      beforeEach(() => start());

      it('the sessions that are behind are over, and the others go on', async () => {
        const life = new Life(redis, 'one/1');
        await life.renew();
        for (const id of ['whole', 'behind', 'idle', 'claimed']) await life.begin(id, { sent: [batch(1)] });
        await redis.command('SAVE');
        for (const id of ['behind', 'idle']) await life.write(id, { sent: [batch(2)] });
        await life.begin('unknown');
        await server.restart();
        await back();
        await expect(life.write('behind', { sent: [batch(3)] })).rejects.toEqual(lost);
        await life.write('whole', { sent: [batch(2)] });
        await expect(life.write('unknown', {})).rejects.toEqual(lost);
        await life.renew();
        expect(life.losses).toHaveLength(1);
        const next = new Life(other, 'one/2');
        expect(await next.claim('idle')).toBeUndefined();
        expect(await next.adopt()).toEqual(['claimed', 'whole']);
      });

      it('a session that another has claimed before it was noticed is over for him too', async () => {
        const life = new Life(redis, 'one/1');
        const thief = new Life(other, 'two/1', { durability: 'full' });
        await life.begin('a');
        await redis.command('SAVE');
        await life.write('a', { last: 7 });
        await server.restart();
        await back();
        expect(await thief.claim('a')).toMatchObject({ last: 0 });
        await life.renew();
        await life.begin('next');
        await expect(thief.write('a', { last: 8 })).rejects.toEqual(lost);
        await expect(life.write('a', { last: 8 })).rejects.toEqual(lost);
      });
    });

    describe('has thrown a session away', () => {
      beforeEach(() => start());

      it('says that it is lost, not that another has it', async () => {
        const life = new Life(redis, 'one/1', { prefix: 'p' });
        await life.begin('a');
        await redis.command('DEL', '{p}:session:a');
        await expect(life.write('a', { last: 1 })).rejects.toEqual(lost);
        await expect(life.write('a', { last: 1 })).rejects.toEqual(moved);
      });
    });

    describe('does not answer', () => {
      beforeEach(() => start());

      it('is unavailable after the time limit, for what waits behind as well; what was given up is done whole or not at all', async () => {
        const life = new Life(redis, 'one/1');
        await life.begin('a');
        server.pause();
        const writes = [life.write('a', { sent: [batch(1)] })];
        await new Promise(setImmediate);
        writes.push(life.write('a', { sent: [batch(2)] }), life.begin('b'));
        const outcomes = Promise.allSettled(writes);
        await new Promise(setImmediate);
        life.clock.advance(5_000);
        for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: unavailable });
        expect([life.store.queued, life.store.queuedBytes]).toEqual([0, 0]);
        server.resume();
        await life.write('a', { last: 9 });
        const found = await new Life(other, 'two/1').claim('a');
        expect(found).toMatchObject({ last: 9 });
        expect(found?.sent.map(({ first }) => first)).not.toContain(2);
        expect(life.losses).toEqual([]);
      });

      it('sessions that were adopted meanwhile come with the next call', async () => {
        await new Life(other, 'one/1').begin('a', { sent: [batch(1)] });
        const life = new Life(redis, 'two/1');
        await life.begin('mine');
        server.pause();
        const adopting = life.adopt();
        await new Promise(setImmediate);
        life.clock.advance(5_000);
        await expect(adopting).rejects.toEqual(unavailable);
        server.resume();
        expect(await life.adopt()).toEqual(['a']);
        expect(await life.adopt()).toEqual([]);
        await life.write('a', { sent: [batch(2)] });
      });
    });

    describe('is full', () => {
      beforeEach(() => start());

      it('refuses what is too much, wholly, and lets sessions end', async () => {
        const life = new Life(redis, 'one/1');
        await life.begin('a', { rooms: ['r'] });
        await redis.command('CONFIG', 'SET', 'maxmemory', '1');
        await expect(life.write('a', { rooms: ['s'], last: 1 })).rejects.toEqual(full);
        await expect(life.begin('b')).rejects.toEqual(full);
        await redis.command('CONFIG', 'SET', 'maxmemory', '0');
        expect(await life.claim('a')).toMatchObject({ rooms: ['r'], last: 0 });
        await redis.command('CONFIG', 'SET', 'maxmemory', '1');
        await life.write('a', { end: true });
        await redis.command('CONFIG', 'SET', 'maxmemory', '0');
        expect(await life.claim('a')).toBeUndefined();
      });

      it('of as many sessions as there may be, refuses one more until one ends or expires', async () => {
        const [life, second] = [
          new Life(redis, 'one/1', { sessions: 2, prefix: 'p' }),
          new Life(other, 'two/1', { sessions: 2, prefix: 'p' }),
        ];
        await life.begin('a');
        await second.begin('b');
        await expect(life.begin('c')).rejects.toEqual(full);
        await second.write('b', { end: true });
        await life.begin('c');
        await expect(second.begin('d')).rejects.toEqual(full);
        await redis.command('DEL', '{p}:session:a');
        await redis.command('ZADD', '{p}:sessions', '1', 'a');
        await second.begin('d');
      });
    });
  });
});

async function isThere(client: TestRedisClient): Promise<boolean> {
  try {
    return (await client.command('PING')) === 'PONG';
  } catch {
    return false;
  }
}
