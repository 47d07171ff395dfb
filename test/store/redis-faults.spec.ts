import { StoreError } from '../../lib/store/store-error.js';
import type { LogPage, LogPosition, Retention } from '../../lib/store/message-log.js';
import { RedisMessageLog } from '../../lib/store/redis/redis-message-log.js';
import type { RedisMessageLogOptions } from '../../lib/store/redis/redis-message-log.options.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import {
  describeWithRedis,
  redisClients,
  type RedisClientName,
  RedisServer,
  type RedisServerOptions,
  type TestRedisClient,
} from '../support/redis-server.js';

const all: Retention = { count: Infinity, bytes: Infinity, ageMs: Infinity, latestPerKey: false };

class Subject {
  readonly losses: StoreError[] = [];
  readonly log: RedisMessageLog;

  constructor(
    readonly redis: TestRedisClient,
    options: Partial<RedisMessageLogOptions>,
  ) {
    const onLoss = (error: StoreError): void => void this.losses.push(error);
    this.log = new RedisMessageLog({ client: redis.client, onLoss, ...options });
  }

  append(body = 'x', retention: Partial<Retention> = {}): Promise<LogPosition> {
    return this.log.append('a', { body }, { ...all, ...retention });
  }

  read(): Promise<LogPage> {
    return this.log.read('a', { limit: Infinity, maxBytes: Infinity });
  }

  async bodies(): Promise<unknown[]> {
    return (await this.read()).entries.map(({ body }) => body);
  }

  /** The fault that a call has failed with. */
  async fault(call: Promise<unknown>): Promise<string> {
    return call.then(
      () => 'none',
      (error: unknown) => (error instanceof StoreError ? error.fault : String(error)),
    );
  }
}

describeWithRedis('RedisMessageLog, where Redis fails', () => {
  let server: RedisServer;
  afterEach(() => server?.stop());
  const start = async (
    name: RedisClientName,
    redis: RedisServerOptions = {},
    ...options: Partial<RedisMessageLogOptions>[]
  ): Promise<Subject[]> => {
    server = await RedisServer.start(redis);
    const made = options.length === 0 ? [{}] : options;
    return Promise.all(made.map(async (one) => new Subject(await server.client(name), one)));
  };
  const one = async (...args: Parameters<typeof start>): Promise<Subject> => (await start(...args))[0]!;

  describe.each(redisClients)('on %s', (name) => {
    it('begins a new epoch when it has come back empty, or was emptied', async () => {
      const subject = await one(name);
      const first = await subject.append('1');
      await server.restart({ empty: true });
      const second = await subject.append('2');
      expect(second.offset).toBe(1);
      await subject.redis.command('FLUSHALL');
      const third = await subject.append('3');
      expect(third.offset).toBe(1);
      expect(new Set([first.epoch, second.epoch, third.epoch]).size).toBe(3);
      expect(await subject.bodies()).toEqual(['3']);
    });

    it('keeps offsets and messages over a restart, in another epoch where they may not be all', async () => {
      const [subject, other] = (await start(name, { appendfsync: 'always' }, {}, {})) as [Subject, Subject];
      const before = await subject.append('1');
      await server.restart();
      // Who knows nothing of the log notices as well.
      const after = await other.append('2');
      expect(after).toMatchObject({ offset: 2 });
      expect(after.epoch).not.toBe(before.epoch);
      expect(await subject.read()).toMatchObject({ ...after, entries: [{ body: '1' }, { body: '2' }] });
      expect(await subject.append('3')).toEqual({ ...after, offset: 3 });
    });

    it('goes on in its epoch after a restart of a Redis that loses nothing', async () => {
      const subject = await one(name, { appendfsync: 'always' }, { durability: 'full' });
      const before = await subject.append('1');
      await server.restart();
      expect(await subject.append('2')).toEqual({ ...before, offset: 2 });
      expect(await subject.bodies()).toEqual(['1', '2']);
      expect(subject.losses).toEqual([]);
    });

    it('tells, and changes the epoch, when Redis has come back with less than it had confirmed', async () => {
      const subject = await one(name, {}, { durability: 'full' });
      await subject.append('1');
      await subject.redis.command('SAVE');
      const lost = await subject.append('2');
      await server.restart();
      const left = await subject.read();
      expect(left).toMatchObject({ offset: 1, entries: [{ body: '1' }] });
      expect(left.epoch).not.toBe(lost.epoch);
      expect(subject.losses).toMatchObject([{ fault: 'lost', message: expect.stringContaining('"a"') }]);
      expect(await subject.append('3')).toEqual({ epoch: left.epoch, offset: 2 });
    });

    it('fails while Redis is paused, and changes the epoch when the append was done all the same', async () => {
      const subject = await one(name, {}, { commandTimeoutMs: 100 });
      const before = await subject.append('1');
      server.pause();
      const faults = [subject.fault(subject.append('2')), subject.fault(subject.read())];
      expect(await Promise.all(faults)).toEqual(['unavailable', 'unavailable']);
      server.resume();
      const after = await subject.read();
      expect(after).toMatchObject({ offset: 2, entries: [{ body: '1' }, { body: '2' }] });
      expect(after.epoch).not.toBe(before.epoch);
      expect(await subject.append('3')).toEqual({ epoch: after.epoch, offset: 3 });
    });

    it('goes on in its epoch when the append that failed was not done', async () => {
      const subject = await one(
        name,
        { appendfsync: 'always' },
        { commandTimeoutMs: 100, durability: 'full' },
      );
      const before = await subject.append('1');
      await server.kill();
      expect(await subject.fault(subject.append('2'))).toBe('unavailable');
      await subject.redis.close();
      await server.restart();
      const next = new Subject(await server.client(name), { durability: 'full' });
      expect(await next.read()).toMatchObject({ ...before, entries: [{ body: '1' }] });
    });

    it('appends once what was done when the connection broke before the answer', async () => {
      const subject = await one(name);
      const before = await subject.append('1');
      const proxy = await CuttingProxy.start(server.port);
      const cut = new Subject(await server.client(name, proxy.port), {});
      expect(await cut.append('2')).toEqual({ ...before, offset: 2 });
      proxy.bytesLeft = 0;
      const outcome = await cut.append('3').catch((error: unknown) => (error as StoreError).fault);
      const after = await subject.read();
      expect([proxy.cuts, after.entries.map(({ body }) => body)]).toEqual([1, ['1', '2', '3']]);
      // ioredis sends it again, and is told what became of it; node-redis does not: nobody may go on from it.
      if (name === 'ioredis') expect(outcome).toEqual({ ...before, offset: 3 });
      else {
        expect(outcome).toBe('unavailable');
        expect((await cut.read()).epoch).not.toBe(before.epoch);
      }
      expect(await cut.append('4')).toMatchObject({ offset: 4 });
      await cut.redis.close();
      await proxy.close();
    });

    it('refuses as full beyond maxmemory: reads go on, and appends when there is room again', async () => {
      const subject = await one(name, { config: { 'maxmemory-policy': 'noeviction' } });
      const before = await subject.append('1', { ageMs: 60_000 });
      await subject.redis.command('CONFIG', 'SET', 'maxmemory', '1');
      expect(await subject.fault(subject.append('2'))).toBe('full');
      expect(await subject.read()).toMatchObject({ ...before, entries: [{ body: '1' }] });
      const ofNone = await subject.log.read('none', { limit: 1, maxBytes: 1 });
      expect(ofNone).toMatchObject({ offset: 0, entries: [] });
      await subject.redis.command('CONFIG', 'SET', 'maxmemory', '0');
      expect(await subject.append('2')).toEqual({ ...before, offset: 2 });
    });
  });

  it('has the epoch that was told for an empty log when its first message comes, from whichever server', async () => {
    const [subject, other] = (await start('ioredis', {}, {}, {})) as [Subject, Subject];
    const { epoch } = await subject.read();
    expect(await other.append()).toEqual({ epoch, offset: 1 });
  });

  it('tells of messages that were evicted: nobody takes what is left for everything', async () => {
    const subject = await one('ioredis');
    const before = await subject.append('1');
    const keys = (await subject.redis.command('KEYS', '*')) as string[];
    await subject.redis.command(
      'DEL',
      keys.find((key) => key.endsWith(':messages'))!,
    );
    expect(await subject.read()).toMatchObject({ ...before, entries: [], isWhole: false });
    expect(await subject.append('2')).toEqual({ ...before, offset: 2 });
    await subject.redis.command(
      'DEL',
      keys.find((key) => key.endsWith(':state'))!,
    );
    const anew = await subject.append('3');
    expect(anew.offset).toBe(1);
    expect(anew.epoch).not.toBe(before.epoch);
    expect(await subject.bodies()).toEqual(['3']);
  });

  it('bounds what waits for Redis', async () => {
    const subject = await one('ioredis', {}, { queued: 2, queuedBytes: 10, commandTimeoutMs: 100 });
    server.pause();
    const long = subject.fault(subject.append('x'.repeat(20)));
    expect(await subject.fault(subject.append('y'))).toBe('overloaded');
    expect([subject.log.queued, subject.log.queuedBytes]).toEqual([1, 20]);
    expect(await long).toBe('unavailable');
    const two = [subject.fault(subject.append('')), subject.fault(subject.append(''))];
    expect(await subject.fault(subject.append(''))).toBe('overloaded');
    expect(await Promise.all(two)).toEqual(['unavailable', 'unavailable']);
    expect([subject.log.queued, subject.log.queuedBytes]).toEqual([0, 0]);
    server.resume();
  });

  it('lets keys of logs expire that nobody appends to', async () => {
    const subject = await one('ioredis', {}, { idleMs: 3_600_000 });
    const ttl = async (key: string): Promise<number> =>
      Number(await subject.redis.command('PTTL', `{gatewire:log:a}:${key}`));
    const isNear = (got: number, expected: number): boolean => got <= expected && got > expected - 10_000;
    await subject.append('1', { ageMs: 100_000 });
    expect([isNear(await ttl('messages'), 160_000), isNear(await ttl('state'), 3_600_000)]).toEqual([
      true,
      true,
    ]);
    await subject.append('2');
    expect([isNear(await ttl('messages'), 3_600_000), isNear(await ttl('state'), 3_600_000)]).toEqual([
      true,
      true,
    ]);
    const forEver = new Subject(subject.redis, { idleMs: false });
    await forEver.append('3');
    expect([await ttl('messages'), await ttl('state')]).toEqual([-1, -1]);
  });

  it('forgets servers that have appended nothing for an hour, however many there were', async () => {
    let now = 1_700_000_000_000;
    const subject = await one('ioredis', {}, { now: () => now });
    for (let i = 1; i <= 40; i++) {
      now += 600_000;
      const another = new Subject(subject.redis, { now: () => now });
      expect(await another.append()).toMatchObject({ offset: i });
    }
    const fields = (await subject.redis.command('HKEYS', '{gatewire:log:a}:state')) as string[];
    expect(fields.filter((field) => field.startsWith('w')).length).toBeLessThanOrEqual(10);
  });

  it('refuses when it is closed, and does before what it was asked for', async () => {
    const subject = await one('ioredis');
    const pending = subject.append('1');
    await subject.log.close();
    expect(await pending).toMatchObject({ offset: 1 });
    expect(await subject.fault(subject.append('2'))).toBe('closed');
    expect(await subject.fault(subject.read())).toBe('closed');
  });
});
