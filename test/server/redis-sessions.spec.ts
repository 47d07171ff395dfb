import { RedisSessionStore } from '../../lib/store/redis/redis-session-store.js';
import { FakeClock } from '../support/fake-clock.js';
import {
  describeWithRedis,
  redisClients,
  RedisServer,
  type TestRedisClient,
} from '../support/redis-server.js';
import { SessionFixture, until } from '../support/session-fixture.js';

/** A server, whose time stands still unless the test lets it go by: then it renews its lease, and adopts. */
interface Node {
  readonly at: SessionFixture;
  readonly clock: FakeClock;
  readonly losses: unknown[];
  readonly command: TestRedisClient['command'];
}

describeWithRedis('servers that share sessions in Redis', () => {
  let redis: RedisServer;
  const nodes: Node[] = [];
  let handled = 0;
  beforeEach(async () => {
    redis = await RedisServer.start({ appendfsync: 'always' });
    handled = 0;
  });
  afterEach(async () => {
    redis.resume();
    await Promise.all(nodes.splice(0).map(({ at }) => at.fixture.stop()));
    await redis.stop();
  });

  const start = async (name: (typeof redisClients)[number], node = 'one'): Promise<Node> => {
    const { client, command } = await redis.client(name);
    const clock = new FakeClock();
    const losses: unknown[] = [];
    const store = new RedisSessionStore({ client, onLoss: (error) => void losses.push(error) });
    const handlers = { count: () => ++handled };
    const at = await SessionFixture.start({
      handlers,
      host: { clock },
      options: { session: { store, node } },
    });
    const started = { at, clock, losses, command };
    nodes.push(started);
    return started;
  };
  for (const name of redisClients) {
    it(`(${name}) a client comes back to another one, with what it has not got, and what was handled`, async () => {
      const one = await start(name);
      const other = await start(name, 'other');
      const client = await one.at.open();
      one.at.connection.join('news');
      client.send({ event: 'count', id: 1 });
      expect(await client.next()).toEqual({ id: 1, data: 1 });
      one.at.server.to('news').emit('told', 'a');
      one.at.server.to('news').emit('told', 'b');
      expect(await client.next()).toEqual({ event: 'told', data: 'a' });

      const back = await other.at.open(client);
      expect(back.welcome).toMatchObject({ resumed: true, recovered: true });
      expect(back.welcome.session).toBe(client.welcome.session);
      expect(await back.take(1)).toEqual(['b']);
      expect([...other.at.connection.rooms]).toEqual(['news']);
      back.send({ event: 'count', id: 1 });
      expect(await back.next()).toEqual({ id: 1, data: 1 });
      one.at.connection.emit('told', 'too late');
      expect(await client.client.closed).toMatchObject({ code: 4409 });
      await until(() => one.at.gauges.sessions === 0);
    });

    it(`(${name}) another one takes over what was of a server that has died, when its time is over`, async () => {
      const one = await start(name);
      const other = await start(name, 'other');
      const client = await one.at.open();
      one.at.connection.join('news');
      one.at.server.to('news').emit('told', 'a');
      expect(await client.take(1)).toEqual(['a']);

      // Nothing of it is heard any more.
      const { command } = await redis.client('ioredis');
      const [lease = ''] = (await command('KEYS', '*:lease:one/*')) as string[];
      expect(Number(await command('PTTL', lease))).toBeGreaterThan(5_000);
      await command('DEL', lease);
      await until(() => {
        other.clock.advance(5_000);
        return other.at.gauges.sessionsAway === 1;
      });
      other.at.server.to('news').emit('told', 'b');
      const back = await other.at.open(client);
      expect(back.welcome).toMatchObject({ resumed: true, recovered: true });
      expect(await back.take(1)).toEqual(['b']);
    });

    it(`(${name}) a Redis that has lost its memory ends sessions, and their clients are told`, async () => {
      const one = await start(name);
      // Its first look for sessions is over, which the restart would have broken.
      await one.at.fixture.engine.ready();
      const client = await one.at.open();
      await redis.restart({ empty: true });
      for (let pong: unknown; pong !== 'PONG';) pong = await one.command('PING').catch(() => undefined);
      one.at.connection.emit('told', 'never');
      expect(await client.client.closed).toMatchObject({ code: 1013 });
      const back = await one.at.open(client);
      expect(back.welcome).toMatchObject({ resumed: false, seq: 1 });
      expect(one.losses).toHaveLength(1);
      expect(one.at.fixture.engine.server.stats().stages['session.store-failed']).toBeGreaterThan(0);
    });
  }
});
