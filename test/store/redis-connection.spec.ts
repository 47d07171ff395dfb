import { OptionError } from '../../lib/primitives/option-error.js';
import type { RedisClient } from '../../lib/store/redis/redis-client.js';
import { RedisConnection } from '../../lib/store/redis/redis-connection.js';
import { isRefusal } from '../../lib/store/redis/redis-failure.js';
import { RedisScript } from '../../lib/store/redis/redis-script.js';
import { FakeClock } from '../support/fake-clock.js';
import {
  describeWithRedis,
  redisClients,
  RedisServer,
  type TestRedisClient,
} from '../support/redis-server.js';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const echo = new RedisScript('return { KEYS[1], ARGV[1], #ARGV[1], { false, ARGV[2] } }');

describeWithRedis('RedisConnection', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start({ config: { 'maxmemory-policy': 'noeviction' } });
  });
  afterAll(() => server?.stop());

  describe.each(redisClients)('on %s', (name) => {
    let redis: TestRedisClient;
    let connection: RedisConnection;
    const clock = new FakeClock();
    beforeAll(async () => {
      redis = await server.client(name);
      connection = new RedisConnection({ client: redis.client, clock });
    });
    beforeEach(() => redis.command('SCRIPT', 'FLUSH'));
    const failureOf = async (call: Promise<unknown>): Promise<unknown> =>
      call.then(
        (reply) => ({ reply }),
        (error: unknown) => error,
      );

    it('gives and takes bytes as they are', async () => {
      await connection.call('bytes', 'SET', 'bytes', everyByte);
      expect(await connection.call('bytes', 'GET', 'bytes')).toEqual(everyByte);
      expect(await connection.call('none', 'GET', 'none')).toBeNull();
      expect(await connection.run(echo, ['key'], [everyByte, 'grüße'])).toEqual([
        Buffer.from('key'),
        everyByte,
        256,
        [null, Buffer.from('grüße')],
      ]);
    });

    it('sends a script once, and again to a Redis that has forgotten it', async () => {
      const counter = new RedisScript("return redis.call('INCR', KEYS[1])");
      const evals = async (): Promise<number> => {
        const stats = String(await redis.command('INFO', 'commandstats'));
        return Number(/cmdstat_eval:calls=(\d+)/.exec(stats)?.[1] ?? 0);
      };
      const key = `counter of ${name}`;
      expect(await connection.run(counter, [key], [])).toBe(1);
      await redis.command('CONFIG', 'RESETSTAT');
      expect(await connection.run(counter, [key], [])).toBe(2);
      expect(await evals()).toBe(0);
      await redis.command('SCRIPT', 'FLUSH');
      expect(await connection.run(counter, [key], [])).toBe(3);
      expect(await evals()).toBe(1);
    });

    it('tells what a script of ours refuses with', async () => {
      const refuses = new RedisScript("return redis.error_reply('GATEWIRE moved the session has gone')");
      const failure = await failureOf(connection.run(refuses, ['key'], []));
      expect(failure).toMatchObject({ fault: 'moved', message: 'the session has gone' });
      expect(isRefusal(failure)).toBe(true);
    });

    it('tells keys of another kind, and errors that it does not know', async () => {
      await redis.command('RPUSH', 'a list', 'x');
      const wrongType = await failureOf(connection.call('a list', 'GET', 'a list'));
      expect(wrongType).toMatchObject({
        fault: 'incompatible',
        message: expect.stringContaining('WRONGTYPE'),
      });
      const unknown = await failureOf(connection.call(undefined, 'NOSUCHCOMMAND'));
      expect(unknown).toMatchObject({ fault: 'unavailable', message: expect.stringContaining('Redis: ERR') });
      expect([wrongType, unknown].map(isRefusal)).toEqual([true, true]);
    });

    it('tells that the memory is full', async () => {
      const writes = new RedisScript("redis.call('SET', KEYS[1], ARGV[1])");
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      try {
        const failures = [
          await failureOf(connection.call('k', 'SET', 'k', 'x')),
          await failureOf(connection.run(writes, ['k'], ['x'])),
        ];
        expect(failures).toMatchObject([{ fault: 'full' }, { fault: 'full' }]);
      } finally {
        await redis.command('CONFIG', 'SET', 'maxmemory', '0');
      }
    });

    it('gives up when its time is over, and takes answers again when there are some', async () => {
      server.pause();
      const late = failureOf(connection.call('late', 'SET', 'late', 'x'));
      clock.advance(4_999);
      expect(connection.waiting).toBe(1);
      clock.advance(1);
      const failure = await late;
      expect(failure).toMatchObject({ fault: 'unavailable', message: expect.stringContaining('5000 ms') });
      expect(isRefusal(failure)).toBe(false);
      expect([connection.waiting, clock.timers]).toEqual([0, 0]);
      server.resume();
      expect(await connection.call('next', 'SET', 'next', 'x')).not.toBeNull();
    });

    it('fails as unavailable while there is no Redis, and works when there is one again', async () => {
      await server.kill();
      const gone = failureOf(connection.call('gone', 'SET', 'gone', 'x'));
      await new Promise(setImmediate);
      clock.advance(5_000);
      expect(await gone).toMatchObject({ fault: 'unavailable' });
      await server.restart();
      expect(await connection.run(echo, ['key'], ['x', 'y'])).toMatchObject({ length: 4 });
    });

    it('fails as unavailable when the application has closed its client', async () => {
      const closed = await server.client(name);
      await closed.command('PING');
      await closed.close();
      const { client } = closed;
      expect(await failureOf(new RedisConnection({ client }).call('k', 'GET', 'k'))).toMatchObject({
        fault: 'unavailable',
      });
    });
  });

  it('refuses what is no client, and times that cannot be', async () => {
    for (const client of [undefined, null, {}, { sendCommand: 1 }, 'redis://localhost'])
      expect(() => new RedisConnection({ client: client as unknown as RedisClient })).toThrow(OptionError);
    const { client } = await server.client('ioredis');
    expect(() => new RedisConnection({ client, commandTimeoutMs: 0 })).toThrow('commandTimeoutMs');
  });
});
