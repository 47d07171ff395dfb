import { longestPauseMs } from '../../lib/connection/read-bound.js';
import { deferred, EngineFixture } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets real I/O happen until a condition holds. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 5000 && !condition(); i++) await turn();
  expect(condition()).toBe(true);
}

describe('the inbound queue', () => {
  it('takes 256 messages without a pause, and pauses the socket at the next', async () => {
    const done = deferred();
    fixture = await EngineFixture.start({
      options: { concurrency: 1 },
      handlers: { wait: () => done.promise },
    });
    const client = await fixture.connect();
    const [connection] = fixture.endpoint.connections;
    for (let i = 0; i < 256; i++) client.send({ event: 'wait' });
    await until(() => fixture.engine.server.stats().gauges.queuedMessages === 255);
    expect(connection?.isPaused).toBe(false);
    client.send({ event: 'wait' });
    await until(() => fixture.engine.server.stats().gauges.queuedMessages === 256);
    expect(connection?.isPaused).toBe(true);
    expect(fixture.engine.server.stats().counters.inboundPauses).toBe(1);
    done.resolve();
    await until(() => fixture.engine.server.stats().gauges.queuedMessages === 0);
    expect(connection?.isPaused).toBe(false);
  });

  it('pauses at 256 KiB, too', async () => {
    const done = deferred();
    fixture = await EngineFixture.start({
      options: { concurrency: 1 },
      handlers: { wait: () => done.promise },
    });
    const client = await fixture.connect();
    const [connection] = fixture.endpoint.connections;
    client.send({ event: 'wait' });
    const overhead = JSON.stringify({ event: 'wait', data: '' }).length;
    const quarter = { event: 'wait', data: 'x'.repeat(65_536 - overhead) };
    for (let i = 0; i < 3; i++) client.send(quarter);
    client.send({ event: 'wait', data: 'x'.repeat(65_536 - overhead - 1) });
    await until(() => fixture.engine.server.stats().gauges.queuedBytes === 262_143);
    expect(connection?.isPaused).toBe(false);
    client.send({ event: 'wait' });
    await until(() => connection?.isPaused === true);
    done.resolve();
  });

  it('holds at most the limit plus one read while a peer floods, and loses none of them', async () => {
    const done = deferred();
    let handled = 0;
    fixture = await EngineFixture.start({
      options: { concurrency: 1 },
      handlers: {
        wait: async () => {
          await done.promise;
          handled++;
        },
      },
    });
    const client = await fixture.connect();
    const sent = 20_000;
    for (let i = 0; i < sent; i++) client.send('{"event":"wait"}');
    const [connection] = fixture.endpoint.connections;
    await until(() => connection?.isPaused === true);
    for (let i = 0; i < 50; i++) await turn();
    const { queuedMessages } = fixture.engine.server.stats().gauges;
    // One read of the socket is at most 64 KiB: masked, each of these frames has 22 bytes.
    expect(queuedMessages).toBeLessThanOrEqual(256 + Math.ceil(65_536 / 22));
    done.resolve();
    await until(() => handled === sent);
  });

  it('reads the answer of a peer that floods while a handler waits for it', async () => {
    const asked = deferred<unknown>();
    fixture = await EngineFixture.start({
      options: { concurrency: 1 },
      handlers: { ask: async (_data, { connection }) => asked.resolve(await connection.request('question')) },
    });
    const client = await fixture.connect();
    client.send({ event: 'ask' });
    const question = await client.nextJson();
    expect(question).toMatchObject({ event: 'question' });
    for (let i = 0; i < 5000; i++) client.send('{"event":"ask"}');
    client.send({ id: question['id'], data: 'answer' });
    await expect(asked.promise).resolves.toBe('answer');
    const { counters } = fixture.engine.server.stats();
    expect(counters.messagesOverloaded).toBeGreaterThan(0);
  });

  it('reads again when a handler begins to wait for its peer while the socket is paused', async () => {
    const [mayAsk, asked] = [deferred(), deferred<unknown>()];
    fixture = await EngineFixture.start({
      options: { concurrency: 1, limits: { inboundQueueMessages: 2 } },
      handlers: {
        ask: async (_data, { connection }) => {
          await mayAsk.promise;
          asked.resolve(await connection.request('question'));
        },
      },
    });
    const client = await fixture.connect();
    for (let i = 0; i < 3; i++) client.send({ event: 'ask' });
    const [connection] = fixture.endpoint.connections;
    await until(() => connection?.isPaused === true);
    mayAsk.resolve();
    const question = await client.nextJson();
    client.send({ id: question['id'], data: 'answer' });
    await expect(asked.promise).resolves.toBe('answer');
  });

  it('reads again after 5 s of pause, and refuses new messages with OVERLOADED until the queue is half empty', async () => {
    const clock = new FakeClock();
    const waiting: (() => void)[] = [];
    fixture = await EngineFixture.start({
      options: { concurrency: 1, limits: { inboundQueueMessages: 4 } },
      host: { clock },
      handlers: { wait: () => new Promise<void>((resolve) => waiting.push(resolve)) },
    });
    const client = await fixture.connect();
    for (let i = 0; i < 5; i++) client.send({ event: 'wait', id: i });
    const [connection] = fixture.endpoint.connections;
    await until(() => connection?.isPaused === true);
    clock.advance(longestPauseMs - 1);
    expect(connection?.isPaused).toBe(true);
    clock.advance(1);
    expect(connection?.isPaused).toBe(false);
    expect(await client.ask('wait', null, 'late')).toMatchObject({ error: { code: 'OVERLOADED' } });
    client.send({ event: 'wait' });
    expect(await client.nextJson()).toMatchObject({
      event: 'exception',
      data: { status: 'error', code: 'OVERLOADED' },
    });
    for (let done = 0; done < 3; done++) {
      await until(() => waiting.length === done + 1);
      waiting[done]?.();
    }
    await until(() => waiting.length === 4);
    client.send({ event: 'wait', id: 'again' });
    await until(() => fixture.engine.server.stats().gauges.queuedMessages === 2);
    for (let done = 3; done < 6; done++) {
      await until(() => waiting.length === done + 1);
      waiting[done]?.();
    }
  });

  it('lets no message into a handler before handleConnection is done, and bounds what waits', async () => {
    const connected = deferred();
    const seen: unknown[] = [];
    fixture = await EngineFixture.start({
      connect: () => connected.promise,
      handlers: { say: (data) => void seen.push(data) },
    });
    const client = await fixture.connect();
    client.send({ event: 'say', data: 1 });
    client.send({ event: 'say', data: 2 });
    await until(() => fixture.engine.server.stats().gauges.queuedMessages === 2);
    expect(seen).toEqual([]);
    connected.resolve();
    await until(() => seen.length === 2);
    expect(seen).toEqual([1, 2]);
  });
});
