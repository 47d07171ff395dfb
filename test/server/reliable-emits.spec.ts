import type { RetryAttempt } from '../../lib/exchange/retry-strategy.js';
import { fixed, immediate } from '../../lib/exchange/retry-strategy.js';
import type { DeadLetter } from '../../lib/pipeline/dead-letter.js';
import { deferred } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';
import { SessionFixture, until } from '../support/session-fixture.js';

let at: SessionFixture;
let clock: FakeClock;
let dead: DeadLetter[];

async function start(options: Parameters<typeof SessionFixture.start>[0] = {}): Promise<void> {
  clock = new FakeClock();
  dead = [];
  at = await SessionFixture.start({
    host: { clock },
    deadLetter: (letter) => void dead.push(letter),
    ...options,
  });
}
afterEach(() => at.fixture.stop());

const stages = (): Readonly<Record<string, number>> => at.server.stats().stages;

/** Lets promises that are ready go on, without time. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function pass(ms: number): Promise<void> {
  await settle();
  clock.advance(ms);
  await settle();
}

const reliable = { retry: fixed(200, { count: 2 }), ackMs: 1_000 };

describe('a reliable emit', () => {
  it('is sent once when it is acknowledged, whatever with', async () => {
    await start();
    const client = await at.fixture.connect();
    expect(at.connection.emit('note', 1, { reliable: true, meta: { by: 'me' } })).toBe(true);
    const frame = await client.nextJson();
    expect(frame).toMatchObject({ event: 'note', data: 1, id: -1, meta: { by: 'me' } });
    client.send({ id: -1, data: null });
    await until(() => stages()['reliable.acknowledged'] === 1);
    await pass(15_000);
    await client.ask('$ping', null, 'p');
    expect([client.unread, dead]).toEqual([[], []]);
    expect(at.gauges).toMatchObject({ requestsInFlight: 0 });
  });

  it('is sent again with the same id and key until it is acknowledged', async () => {
    await start();
    const client = await at.fixture.connect();
    at.connection.emit('note', 1, { reliable });
    const first = await client.nextJson();
    expect(first['meta']).toEqual({ key: expect.stringMatching(/^.{20}$/) });
    await pass(999);
    await pass(1);
    await pass(199);
    expect(client.unread).toEqual([]);
    await pass(1);
    expect(await client.nextJson()).toEqual(first);
    client.send({ id: first['id'], data: 'got it' });
    await until(() => stages()['reliable.acknowledged'] === 1);
    expect(at.counters).toMatchObject({ requestsSent: 2, requestsTimedOut: 1, repliesUnmatched: 0 });
  });

  it('takes an acknowledgement of an earlier time that comes while it waits to be sent again', async () => {
    await start();
    const client = await at.fixture.connect();
    at.connection.emit('note', 1, { reliable });
    const { id } = await client.nextJson();
    await pass(1_000);
    client.send({ id, data: null });
    await until(() => stages()['reliable.acknowledged'] === 1);
    await pass(10_000);
    expect(at.counters).toMatchObject({ requestsSent: 1, repliesUnmatched: 0 });
  });

  it('is a dead letter when its strategy gives up, with all that is known about it', async () => {
    await start();
    const client = await at.fixture.connect();
    at.connection.emit('note', { n: 1 }, { reliable, meta: { key: 'mine' } });
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(await client.nextJson()).toMatchObject({ id: -1, meta: { key: 'mine' } });
      await pass(1_000);
      await pass(200);
    }
    await until(() => dead.length === 1);
    expect(dead[0]).toMatchObject({
      direction: 'outbound',
      connection: at.connection,
      event: 'note',
      data: { n: 1 },
      meta: { key: 'mine' },
      attempts: 3,
      reason: 'given-up',
      error: { code: 'ACK_TIMEOUT' },
    });
    expect(stages()).toMatchObject({ 'reliable.emits': 1, 'reliable.dead-letters': 1 });
    client.send({ id: -1, data: 'too late' });
    await until(() => at.counters['repliesUnmatched'] === 1);
  });

  it('is tried again after an error that says so, and not after another', async () => {
    await start();
    const seen: RetryAttempt[] = [];
    const client = await at.fixture.connect();
    const retry = (attempt: RetryAttempt): number => {
      seen.push(attempt);
      return 100;
    };
    at.connection.emit('note', 1, { reliable: { retry } });
    client.send({ id: (await client.nextJson())['id'], error: { code: 'OVERLOADED', message: 'later' } });
    await until(() => seen.length === 1);
    expect(seen[0]).toMatchObject({ attempt: 1, elapsedMs: 0, error: { code: 'OVERLOADED' } });
    await pass(100);
    expect(await client.nextJson()).toMatchObject({ id: -1 });
    client.send({ id: -1, error: { code: 'UNKNOWN_EVENT', message: 'nobody listens' } });
    await until(() => dead.length === 1);
    expect(dead[0]).toMatchObject({ reason: 'refused', attempts: 2, error: { code: 'UNKNOWN_EVENT' } });
  });

  it('is a dead letter when the connection ends, and when it has', async () => {
    await start();
    const client = await at.fixture.connect();
    at.connection.emit('note', 1, { reliable });
    await client.nextJson();
    client.terminate();
    await until(() => dead.length === 1);
    expect(at.connection.emit('note', 2, { reliable })).toBe(false);
    await until(() => dead.length === 2);
    expect(dead).toMatchObject([
      { reason: 'disconnected', attempts: 1, data: 1 },
      { reason: 'disconnected', attempts: 0, data: 2 },
    ]);
  });

  it('to a room, a user or all is one delivery for each receiver', async () => {
    await start();
    const clients = [await at.fixture.connect(), await at.fixture.connect(), await at.fixture.connect()];
    for (const connection of at.connected.slice(0, 2)) connection.join('team');
    at.server.to('team').emit('note', 1, { reliable });
    const [one, other] = [await clients[0]?.nextJson(), await clients[1]?.nextJson()];
    expect([one, other]).toMatchObject([{ id: -1 }, { id: -1 }]);
    clients[0]?.send({ id: -1, data: null });
    await until(() => stages()['reliable.acknowledged'] === 1);
    await pass(1_000);
    await pass(200);
    expect(await clients[1]?.nextJson()).toEqual(other);
    await clients[2]?.ask('$ping', null, 'p');
    expect([clients[0]?.unread, clients[2]?.unread]).toEqual([[], []]);
  });

  it('counts against the requests in flight', async () => {
    await start({ options: { limits: { requestsInFlight: 2 } } });
    await at.fixture.connect();
    for (const n of [1, 2, 3]) at.connection.emit('note', n, { reliable });
    await until(() => dead.length === 1);
    expect(dead[0]).toMatchObject({ data: 3, attempts: 0, error: { code: 'TOO_MANY_REQUESTS' } });
  });

  it('that nobody hears of in the end is logged, and a hook that fails is, too', async () => {
    await start({ deadLetter: undefined as never });
    const client = await at.fixture.connect();
    at.connection.emit('note', 1, { reliable });
    client.terminate();
    await until(() =>
      at.fixture.log.lines.some((line) => line.includes('was not acknowledged (disconnected, attempts: 1')),
    );
    await at.fixture.stop();
    await start({ deadLetter: () => Promise.reject(new Error('the disk is full')) });
    at.fixture.clients.push(await at.fixture.connect());
    at.connection.emit('note', 1, { reliable });
    at.connection.terminate();
    await until(() => at.fixture.log.lines.some((line) => line.includes('the disk is full')));
    expect(stages()['reliable.dead-letters-failed']).toBe(1);
  });

  it('has its dead letters taken in before a shutdown is over', async () => {
    const written = deferred();
    let isClosed = false;
    await start({ deadLetter: () => written.promise });
    await at.fixture.connect();
    at.connection.emit('note', 1, { reliable });
    const closing = at.fixture.engine.close().then(() => (isClosed = true));
    await until(() => stages()['reliable.dead-letters'] === 1);
    for (let turn = 0; turn < 20; turn++) await settle();
    expect(isClosed).toBe(false);
    written.resolve();
    await closing;
  });

  it('refuses what cannot work', async () => {
    await start();
    await at.fixture.connect();
    const emit = (options: object) => () => at.connection.emit('note', 1, options);
    expect(emit({ reliable: { ackMs: 0 } })).toThrow('ackMs');
    expect(emit({ reliable: { retry: 3 } })).toThrow('retry');
    expect(emit({ reliable: true, volatile: true })).toThrow('volatile');
    expect(() => at.server.publish('room', 'note', 1, { reliable: true } as object)).toThrow('reliable');
  });
});

describe('a reliable emit in a session', () => {
  it('waits while the client is away, and needs no second time when it is acknowledged then', async () => {
    await start();
    const client = await at.open();
    at.connection.emit('note', 1, { reliable });
    const frame = await client.next();
    await at.cut(client);
    for (let n = 0; n < 5; n++) await pass(1_000);
    const back = await at.open(client);
    await pass(999);
    back.send({ id: frame['id'], data: null });
    await until(() => stages()['reliable.acknowledged'] === 1);
    expect(at.counters).toMatchObject({ requestsSent: 1, requestsTimedOut: 0 });
  });

  it('is sent again to a client that is back and has missed it', async () => {
    await start();
    const client = await at.open();
    await at.cut(client);
    at.connection.emit('note', 1, { reliable });
    await pass(30_000);
    const back = await at.open(client);
    expect(await back.next()).toMatchObject({ event: 'note', id: -1 });
    await pass(1_000);
    await pass(200);
    expect(await back.next()).toMatchObject({ event: 'note', id: -1 });
  });

  it('is a dead letter when the session ends', async () => {
    await start({ options: { session: { resumeMs: 60_000 } } });
    const client = await at.open();
    at.connection.emit('note', 1, { reliable });
    await client.next();
    await at.cut(client);
    await pass(50_000);
    expect(dead).toEqual([]);
    await pass(15_000);
    await until(() => dead.length === 1);
    expect(dead[0]).toMatchObject({ reason: 'disconnected', attempts: 1 });
  });
});

describe('a request with `retry`', () => {
  it('is asked again, and gives the answer', async () => {
    await start();
    const client = await at.fixture.connect();
    const answer = at.connection.request('sum', [1, 2], { timeoutMs: 500, retry: immediate({ count: 3 }) });
    await client.nextJson();
    await pass(500);
    await pass(0);
    expect(await client.nextJson()).toMatchObject({ id: -1, event: 'sum' });
    client.send({ id: -1, data: 3 });
    expect(await answer).toBe(3);
  });

  it('can be taken back, also while it waits to be asked again', async () => {
    await start();
    const client = await at.fixture.connect();
    const abort = new AbortController();
    const answer = at.connection.request('sum', [], {
      timeoutMs: 500,
      retry: fixed(5_000),
      signal: abort.signal,
    });
    await client.nextJson();
    await pass(500);
    abort.abort();
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(at.gauges).toMatchObject({ requestsInFlight: 0 });
    await expect(
      at.connection.request('sum', [], { retry: fixed(1), signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
