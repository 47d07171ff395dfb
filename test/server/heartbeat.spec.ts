import { EngineFixture } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';

let fixture: EngineFixture;
let clock: FakeClock;
afterEach(() => fixture.stop());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 5000 && !condition(); i++) await turn();
  expect(condition()).toBe(true);
}

async function start(options: Parameters<typeof EngineFixture.start>[0] = {}): Promise<void> {
  clock = new FakeClock();
  fixture = await EngineFixture.start({ host: { clock }, ...options });
}

describe('heartbeats', () => {
  it('pings after 25 s of silence, not before, and measures the round trip', async () => {
    await start();
    const client = await fixture.connect();
    let pings = 0;
    client.socket.on('ping', () => pings++);
    clock.advance(24_000);
    for (let i = 0; i < 10; i++) await turn();
    expect(pings).toBe(0);
    clock.advance(1_000);
    await until(() => pings === 1);
    const [connection] = fixture.endpoint.connections;
    await until(() => connection?.latency !== undefined);
  });

  it('terminates a peer that gives no sign of life for 20 s after the ping', async () => {
    await start();
    const client = await fixture.connect('/', [], { autoPong: false });
    clock.advance(25_000);
    clock.advance(19_000);
    expect(fixture.endpoint.connections.size).toBe(1);
    clock.advance(1_000);
    expect(await client.closed).toMatchObject({ code: 1006 });
    await until(() => fixture.engine.server.stats().counters.connectionsLost === 1);
  });

  it('takes a message for a sign of life', async () => {
    await start({ handlers: { hi: () => undefined } });
    const client = await fixture.connect('/', [], { autoPong: false });
    for (let i = 0; i < 5; i++) {
      clock.advance(20_000);
      await client.ask('hi');
    }
    expect(fixture.engine.server.stats().counters.pings).toBe(0);
  });

  it('does not count a socket as silent that it has paused itself', async () => {
    await start();
    const client = await fixture.connect('/', [], { autoPong: false });
    const [connection] = fixture.endpoint.connections;
    connection?.pause();
    clock.advance(120_000);
    expect(fixture.endpoint.connections.size).toBe(1);
    connection?.resume();
    client.terminate();
  });

  it('uses one timer for all connections', async () => {
    await start();
    const before = clock.timers;
    for (let i = 0; i < 5; i++) await fixture.connect();
    expect(clock.timers - before).toBeLessThanOrEqual(1);
  });

  it('closes a connection without messages for idleMs with 4408', async () => {
    await start({
      options: { timeouts: { idleMs: 60_000 }, heartbeat: false },
      handlers: { hi: () => undefined },
    });
    const client = await fixture.connect();
    clock.advance(59_000);
    await client.ask('hi');
    clock.advance(59_000);
    expect(fixture.endpoint.connections.size).toBe(1);
    clock.advance(1_000);
    expect(await client.closed).toMatchObject({ code: 4408 });
  });

  it('answers $ping for browsers, which cannot see ping frames', async () => {
    await start();
    const client = await fixture.connect();
    client.send({ event: '$ping', data: 7 });
    expect(await client.nextJson()).toEqual({ event: '$pong', data: 7 });
    expect(await client.ask('$ping', 8)).toEqual({ id: 1, event: '$pong', data: 8 });
  });
});
