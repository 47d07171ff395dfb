import type { LogPosition } from '../../lib/store/message-log.js';
import { RedisMessageLog } from '../../lib/store/redis/redis-message-log.js';
import { EngineFixture } from '../support/engine-fixture.js';
import {
  describeWithRedis,
  redisClients,
  type RedisClientName,
  RedisServer,
} from '../support/redis-server.js';

const authorizers = [{ pattern: '**', canSubscribe: () => true, canPublish: () => true }];

describeWithRedis('rooms of two servers with one log in Redis', () => {
  let redis: RedisServer;
  let servers: EngineFixture[];
  const startOn = async (name: RedisClientName): Promise<EngineFixture> => {
    const { client } = await redis.client(name);
    const log = new RedisMessageLog({ client, prefix: 'two servers:' });
    return EngineFixture.start({ authorizers, options: { history: { rooms: { 'chat.*': {} }, log } } });
  };
  beforeEach(async () => {
    redis = await RedisServer.start();
    servers = await Promise.all(redisClients.map(startOn));
  });
  afterEach(async () => {
    for (const server of servers) await server.stop();
    await redis.stop();
  });
  const publish = (server: EngineFixture, data: unknown): Promise<LogPosition | undefined> =>
    Promise.resolve(server.endpoint.server.publish('chat.1', 'n', data).logged);

  it('one has what was published on the other: for who reads, and for who comes back', async () => {
    const [a, b] = servers as [EngineFixture, EngineFixture];
    const first = await publish(a, 1);
    expect(await publish(b, 2)).toEqual({ epoch: first?.epoch, offset: 2 });
    await publish(a, 3);
    const { messages, isWhole } = await b.endpoint.server.history('chat.1').read();
    expect([isWhole, messages.map(({ offset, data }) => [offset, data])]).toEqual([
      true,
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ]);
    const client = await b.connect();
    const { data } = await client.ask('$subscribe', { room: 'chat.1', since: first });
    expect(data).toEqual({ ...first, recovered: true });
    expect([await client.nextJson(), await client.nextJson()]).toMatchObject([
      { offset: 2, data: 2 },
      { offset: 3, data: 3 },
    ]);
  });

  it('both publish at once: one order without gaps, and each its own in the order of its calls', async () => {
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const positions = await Promise.all(
      servers.map((server, of) => Promise.all(numbers.map((n) => publish(server, { of, n })))),
    );
    const offsets = positions.flat().map((position) => position?.offset ?? 0);
    expect(offsets.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    for (const own of positions.map((each) => each.map((position) => position?.offset ?? 0)))
      expect(own).toEqual(own.toSorted((x, y) => x - y));
  });

  it('who comes back after Redis was emptied is told so, on either', async () => {
    const [a, b] = servers as [EngineFixture, EngineFixture];
    const since = await publish(a, 1);
    await redis.restart({ empty: true });
    await publish(a, 2);
    for (const server of [a, b]) {
      const client = await server.connect();
      const { data } = await client.ask('$subscribe', { room: 'chat.1', since });
      expect(data).toMatchObject({ recovered: false, offset: 1 });
    }
  });
});
