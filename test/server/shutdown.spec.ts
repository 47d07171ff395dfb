import { deferred, EngineFixture } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('drain', () => {
  it('closes with 1001, loses nothing sent before, and waits for disconnect hooks', async () => {
    const hook = deferred();
    const fixture = await EngineFixture.start({ disconnect: () => hook.promise });
    const client = await fixture.connect();
    fixture.endpoint.server.emit('last words');
    const draining = fixture.engine.drain();
    let isDrained = false;
    void draining.then(() => (isDrained = true));
    expect(await client.nextJson()).toEqual({ event: 'last words' });
    expect(await client.closed).toEqual({ code: 1001, reason: 'server is shutting down' });
    for (let i = 0; i < 20; i++) await turn();
    expect(isDrained).toBe(false);
    hook.resolve();
    await draining;
    await fixture.stop();
  });

  it('takes no new connections meanwhile: 503', async () => {
    const hook = deferred();
    const fixture = await EngineFixture.start({ disconnect: () => hook.promise });
    const client = await fixture.connect();
    const draining = fixture.engine.drain();
    await client.closed;
    await expect(fixture.connect()).rejects.toThrow('503');
    hook.resolve();
    await draining;
    await fixture.stop();
  });

  it('tells clients of the v1 protocol when to come back', async () => {
    const fixture = await EngineFixture.start();
    const client = await fixture.connect('/', ['gatewire.v1.json']);
    const draining = fixture.engine.drain();
    expect(await client.nextJson()).toMatchObject({
      event: '$drain',
      data: { reconnectMs: expect.any(Number) as number },
    });
    await draining;
    await fixture.stop();
  });

  it('closes many in batches, and terminates who does not answer when the time is over', async () => {
    const clock = new FakeClock();
    const fixture = await EngineFixture.start({
      host: { clock },
      options: { shutdown: { drainMs: 1000 }, timeouts: { closeMs: 60_000 } },
    });
    const clients = await Promise.all(Array.from({ length: 300 }, () => fixture.connect()));
    const silent = clients[299];
    silent?.socket.pause();
    const draining = fixture.engine.drain();
    const open = (): number =>
      [...fixture.endpoint.connections].filter(({ state }) => state === 'open').length;
    expect(open()).toBe(300 - 256);
    while (fixture.endpoint.connections.size > 44) await turn();
    clock.advance(100);
    while (fixture.endpoint.connections.size > 1) await turn();
    clock.advance(900);
    await draining;
    expect(fixture.endpoint.connections.size).toBe(0);
    silent?.socket.resume();
    await fixture.stop();
  });

  it('lets handlers that are inside answer before it closes, and refuses what comes meanwhile', async () => {
    const work = deferred<string>();
    const fixture = await EngineFixture.start({ handlers: { work: () => work.promise } });
    const [client, idle] = [await fixture.connect(), await fixture.connect()];
    client.send({ event: 'work', id: 1 });
    while (fixture.engine.server.stats().counters.messagesReceived === 0) await turn();
    const draining = fixture.engine.drain();
    expect((await idle.closed).code).toBe(1001);
    expect(await client.ask('work', null, 2)).toMatchObject({ id: 2, error: { code: 'UNAVAILABLE' } });
    work.resolve('done');
    expect(await client.nextJson()).toEqual({ id: 1, data: 'done' });
    expect((await client.closed).code).toBe(1001);
    await draining;
    await fixture.stop();
  });

  it('waits for the handlers of connections that are gone', async () => {
    const work = deferred();
    const fixture = await EngineFixture.start({ handlers: { work: () => work.promise } });
    const client = await fixture.connect();
    client.send({ event: 'work' });
    while (fixture.engine.server.stats().counters.messagesReceived === 0) await turn();
    client.terminate();
    while (fixture.endpoint.connections.size > 0) await turn();
    let isDrained = false;
    const draining = fixture.engine.drain().then(() => (isDrained = true));
    for (let i = 0; i < 20; i++) await turn();
    expect(isDrained).toBe(false);
    work.resolve();
    await draining;
    await fixture.stop();
  });

  it('goes on without handlers and hooks that never end, and says so', async () => {
    const clock = new FakeClock();
    const fixture = await EngineFixture.start({
      host: { clock },
      options: { shutdown: { drainMs: 1000 }, timeouts: { closeMs: 100 } },
      handlers: { work: () => new Promise(() => undefined) },
      disconnect: () => new Promise(() => undefined),
    });
    const client = await fixture.connect();
    client.send({ event: 'work' });
    while (fixture.engine.server.stats().counters.messagesReceived === 0) await turn();
    const draining = fixture.engine.drain();
    clock.advance(899);
    await turn();
    expect(client.socket.readyState).toBe(1);
    clock.advance(1);
    expect((await client.closed).code).toBe(1001);
    while (fixture.endpoint.connections.size > 0) await turn();
    let isDrained = false;
    void draining.then(() => (isDrained = true));
    while (!isDrained) {
      clock.advance(1000);
      await turn();
    }
    expect(fixture.log.lines.join()).toContain(
      'shutdown goes on without 2 handlers or handleDisconnect hooks',
    );
    await fixture.stop();
  });

  it('leaves the HTTP server as it was', async () => {
    const fixture = await EngineFixture.start();
    await fixture.engine.close();
    expect(fixture.httpServer.listenerCount('upgrade')).toBe(0);
    expect(Object.hasOwn(fixture.httpServer, 'emit')).toBe(false);
    await fixture.stop();
  });
});
