import type { SlowConsumerPolicy } from '../../lib/connection/slow-consumer.js';
import { EngineFixture } from '../support/engine-fixture.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A client that does not read, with so much sent to it that no buffer of the system hides it. */
async function stalled(slowConsumer: SlowConsumerPolicy, sentBytes = 64 * 1024 * 1024) {
  fixture = await EngineFixture.start({ options: { slowConsumer, timeouts: { closeMs: 100 } } });
  const client = await fixture.connect();
  client.socket.pause();
  const [connection] = fixture.endpoint.connections;
  if (connection === undefined) throw new Error('not connected');
  const data = 'x'.repeat(16 * 1024);
  let mostBuffered = 0;
  let taken = 0;
  for (let sent = 0; sent < sentBytes && connection.state === 'open'; sent += data.length) {
    if (connection.emit('tick', `${sent} ${data}`)) taken++;
    mostBuffered = Math.max(mostBuffered, connection.bufferedBytes);
    if (sent % (1024 * 1024) === 0) await turn();
  }
  return { client, connection, mostBuffered, taken };
}

describe('a reader that stalls', () => {
  it('is closed once 1 MiB waits for it, and memory stays bounded', async () => {
    const { client, mostBuffered } = await stalled('disconnect');
    // Those emitted before the disconnect arrive before the close frame where the system had taken them; 1006 where not.
    expect(mostBuffered).toBeLessThanOrEqual(1024 * 1024 + 64 * 1024);
    const { counters } = fixture.engine.server.stats();
    expect(counters.slowConsumersClosed).toBe(1);
    client.socket.resume();
    expect([1006, 1013]).toContain((await client.closed).code);
  });

  it.each<SlowConsumerPolicy>(['drop-oldest', 'drop-newest', 'latest-only'])(
    'is kept under %s, and misses some',
    async (policy) => {
      const { client, connection, mostBuffered } = await stalled(policy);
      expect(connection.state).toBe('open');
      expect(mostBuffered).toBeLessThanOrEqual(1024 * 1024 + 64 * 1024);
      expect(fixture.engine.server.stats().counters.framesDropped).toBeGreaterThan(0);
      client.socket.resume();
      // It is still a whole stream of whole frames, in order.
      client.send({ event: '$ping', id: 'p' });
      let last = -1;
      for (;;) {
        const frame = await client.nextJson();
        if (frame['id'] === 'p') break;
        const sent = Number((frame['data'] as string).split(' ')[0]);
        expect(sent).toBeGreaterThan(last);
        last = sent;
      }
      const lastSent = 64 * 1024 * 1024 - 16 * 1024;
      if (policy === 'drop-newest') expect(last).toBeLessThan(lastSent);
      else expect(last).toBe(lastSent);
    },
  );
});

describe('fragmentBytes', () => {
  it('sends a long message as continuation frames that a client joins, and a short one whole', async () => {
    fixture = await EngineFixture.start({
      options: { fragmentBytes: 1000 },
      handlers: { long: () => 'é'.repeat(5000), short: () => 'short' },
    });
    const client = await fixture.connect();
    expect(await client.ask('long')).toEqual({ id: 1, data: 'é'.repeat(5000) });
    expect(await client.ask('short')).toEqual({ id: 1, data: 'short' });
    const [connection] = fixture.endpoint.connections;
    connection?.emit('huge', 'y'.repeat(300_000), { fragmentBytes: 50_000 });
    connection?.emit('after');
    expect(await client.nextJson()).toEqual({ event: 'huge', data: 'y'.repeat(300_000) });
    expect(await client.nextJson()).toEqual({ event: 'after' });
  });

  it('lets pings, pongs and the close pass between the fragments of a message that a slow peer reads', async () => {
    fixture = await EngineFixture.start();
    const client = await fixture.connect();
    const [connection] = fixture.endpoint.connections;
    const events: string[] = [];
    client.socket.on('ping', () => events.push('ping'));
    client.socket.on('message', () => events.push('message'));
    client.socket.pause();
    connection?.emit('huge', 'y'.repeat(24 * 1024 * 1024), { fragmentBytes: 64 * 1024 });
    for (let i = 0; i < 50; i++) await turn();
    connection?.ping();
    client.socket.resume();
    await client.next();
    expect(events).toEqual(['ping', 'message']);
  });

  it('keeps a message and what follows it before a close()', async () => {
    fixture = await EngineFixture.start();
    const client = await fixture.connect();
    const [connection] = fixture.endpoint.connections;
    connection?.emit('huge', 'y'.repeat(8 * 1024 * 1024), { fragmentBytes: 64 * 1024 });
    connection?.emit('last');
    connection?.close(4000);
    expect(((await client.nextJson())['data'] as string).length).toBe(8 * 1024 * 1024);
    expect(await client.nextJson()).toEqual({ event: 'last' });
    expect(await client.closed).toMatchObject({ code: 4000 });
  });
});

describe('streams to a slow peer', () => {
  it('ask an async iterable for more only when the peer has taken what it has', async () => {
    let produced = 0;
    fixture = await EngineFixture.start({
      handlers: {
        async *rows() {
          for (; produced < 2000; produced++) yield 'r'.repeat(64 * 1024);
          await Promise.resolve();
        },
      },
    });
    const client = await fixture.connect();
    client.socket.pause();
    client.send({ event: 'rows', id: 1 });
    let before = -1;
    while (produced !== before || produced === 0) {
      before = produced;
      for (let i = 0; i < 200; i++) await turn();
    }
    expect(produced).toBeLessThan(2000);
    const [connection] = fixture.endpoint.connections;
    expect(connection?.bufferedBytes).toBeLessThan(512 * 1024);
    client.socket.resume();
    for (let i = 0; i < 2000; i++) await client.next();
    expect(await client.nextJson()).toEqual({ id: 1, done: true });
  });
});
