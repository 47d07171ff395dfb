import { engineTimers, limited, RateLimitFixture, until } from './rate-limit-fixture.js';

let fixture: RateLimitFixture;
afterEach(() => fixture.engine.stop());

describe('a rate limit that delays', () => {
  it('holds messages until their token is there, in order', async () => {
    fixture = await RateLimitFixture.start({
      messages: 1,
      perMs: 100,
      algorithm: 'token-bucket',
      onLimit: 'delay',
    });
    const client = await fixture.connect();
    for (let i = 0; i < 4; i++) client.send({ event: 'run', data: i });
    await fixture.settled(client);
    expect(fixture.ran).toEqual([0]);
    for (let i = 1; i < 4; i++) {
      await until(() => fixture.clock.timers > engineTimers);
      fixture.clock.advance(99);
      await fixture.settled(client);
      expect(fixture.ran).toHaveLength(i);
      fixture.clock.advance(1);
      await until(() => fixture.ran.length === i + 1);
    }
    expect(fixture.ran).toEqual([0, 1, 2, 3]);
    expect(fixture.stages).toEqual({ 'rate-limit.delayed': 3 });
  });

  it('lets who came first go first among connections that share a counter', async () => {
    fixture = await RateLimitFixture.start({
      messages: 1,
      perMs: 100,
      algorithm: 'token-bucket',
      onLimit: 'delay',
      by: 'event',
      events: ['run'],
    });
    const clients = [await fixture.connect(), await fixture.connect(), await fixture.connect()];
    for (const [i, client] of clients.entries()) {
      client.send({ event: 'run', data: i });
      await fixture.settled(client);
    }
    for (let i = 1; i < 3; i++) {
      await until(() => fixture.clock.timers > engineTimers);
      fixture.clock.advance(100);
      await until(() => fixture.ran.length === i + 1);
    }
    expect(fixture.ran).toEqual([0, 1, 2]);
  });

  it('refuses what would wait longer than maxDelayMs', async () => {
    fixture = await RateLimitFixture.start({ messages: 1, perMs: 1_000, onLimit: 'delay', maxDelayMs: 999 });
    const client = await fixture.connect();
    expect(await fixture.codes(client, 1)).toEqual(['ok']);
    expect(await client.ask('echo')).toMatchObject({ error: limited(1_000) });
  });

  it('is bounded by the inbound queue, which pauses the socket and then refuses', async () => {
    fixture = await RateLimitFixture.start(
      { messages: 1, perMs: 60_000, onLimit: 'delay', maxDelayMs: 120_000 },
      {},
      {
        limits: { inboundQueueMessages: 8 },
      },
    );
    const client = await fixture.connect();
    for (let i = 0; i < 200; i++) client.send({ event: 'echo', id: i, data: 'x' });
    await until(() => fixture.engine.engine.server.stats().counters.inboundPauses === 1);
    fixture.clock.advance(5_000);
    for (let i = 0; i < 50; i++) client.send({ event: 'echo', id: 1_000 + i });
    await until(() => fixture.engine.engine.server.stats().counters.messagesOverloaded > 0);
    expect(fixture.engine.engine.server.stats().gauges.queuedMessages).toBeLessThanOrEqual(200);
  });

  it('forgets what waits when its connection is gone', async () => {
    fixture = await RateLimitFixture.start({ messages: 1, perMs: 1_000, onLimit: 'delay' });
    const client = await fixture.connect();
    client.send({ event: 'run', data: 0 });
    client.send({ event: 'run', data: 1 });
    await fixture.settled(client);
    client.terminate();
    await until(() => fixture.engine.engine.server.stats().gauges.connections === 0);
    fixture.clock.advance(5_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(fixture.ran).toEqual([0]);
  });

  it('lets a requester take back what waits', async () => {
    fixture = await RateLimitFixture.start({ messages: 1, perMs: 1_000, onLimit: 'delay' });
    const client = await fixture.connect();
    client.send({ event: 'echo', id: 1 });
    client.send({ event: 'run', id: 2, data: 'cancelled' });
    client.send({ event: 'run', id: 3, data: 'waits' });
    await fixture.settled(client);
    client.send({ event: '$cancel', id: 2 });
    expect(await client.nextJson()).toMatchObject({ id: 2, error: { code: 'CANCELLED' } });
    fixture.clock.advance(1_000);
    expect(await client.nextJson()).toMatchObject({ id: 3 });
    expect(fixture.ran).toEqual(['waits']);
  });
});
