import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import { DeadlineStage } from '../../lib/pipeline/stages/deadline/deadline-stage.js';
import type { EngineOptions } from '../../lib/server/options.js';
import { deferred, EngineFixture } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';

let fixture: EngineFixture;
let clock: FakeClock;
let work: ReturnType<typeof deferred<string>>;
let signal: AbortSignal | undefined;
afterEach(() => fixture.stop());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const stats = () => fixture.engine.server.stats();

async function start(options: EngineOptions = {}, ...middleware: any[]): Promise<void> {
  clock = new FakeClock();
  work = deferred<string>();
  signal = undefined;
  fixture = await EngineFixture.start({
    options: { heartbeat: false, ...options },
    host: { clock, middleware },
    handlers: {
      work: (_data, message) => {
        ({ signal } = message);
        return work.promise;
      },
      quick: (data) => data,
    },
  });
}
const deadline = (ms: number) => ({
  name: 'Deadline',
  create: (host: ConstructorParameters<typeof DeadlineStage>[1]): GatewayMiddleware =>
    new DeadlineStage(ms, host),
});

/** Lets the fixture send a request whose handler has been entered. */
async function askWork(
  meta?: object,
  id: number | undefined = 1,
): Promise<Awaited<ReturnType<EngineFixture['connect']>>> {
  const client = await fixture.connect();
  client.send({ event: 'work', id, meta });
  while (signal === undefined) await turn();
  return client;
}

describe.each<[string, () => Promise<void>, object | undefined]>([
  ['@Deadline', () => start({}, deadline(1000)), undefined],
  ['meta.deadlineMs', () => start(), { deadlineMs: 1000 }],
])('%s', (_name, begin, meta) => {
  it('is met by a result just before it', async () => {
    await begin();
    const client = await askWork(meta);
    clock.advance(999);
    work.resolve('in time');
    expect(await client.nextJson()).toEqual({ id: 1, data: 'in time' });
    expect(signal?.aborted).toBe(false);
    clock.advance(1);
    await turn();
    expect(client.unread).toEqual([]);
    expect(stats().stages).toEqual({});
  });

  it('fires the signal and answers DEADLINE_EXCEEDED; what comes late is counted and goes nowhere', async () => {
    await begin();
    const client = await askWork(meta);
    clock.advance(1000);
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'DEADLINE_EXCEEDED' } });
    expect(signal?.aborted).toBe(true);
    work.resolve('too late');
    expect(await client.ask('quick', 'next', 2)).toEqual({ id: 2, data: 'next' });
    expect(client.unread).toEqual([]);
    expect(stats().stages).toEqual({ 'deadline.exceeded': 1, 'deadline.late-results': 1 });
  });

  it('tells a peer without id by the exception event, and drops the late result of that too', async () => {
    await begin();
    const client = await fixture.connect();
    client.send({ event: 'work', meta });
    while (signal === undefined) await turn();
    clock.advance(1000);
    expect(await client.nextJson()).toMatchObject({
      event: 'exception',
      data: { code: 'DEADLINE_EXCEEDED' },
    });
    work.resolve('too late');
    expect(await client.ask('quick', 'next', 2)).toEqual({ id: 2, data: 'next' });
    expect(stats().stages['deadline.late-results']).toBe(1);
  });

  it('counts an error that comes late', async () => {
    await begin();
    const client = await askWork(meta);
    clock.advance(1000);
    expect(await client.nextJson()).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } });
    work.reject(new Error('late'));
    expect(await client.ask('quick', 'next', 2)).toEqual({ id: 2, data: 'next' });
    expect(stats().stages['deadline.late-results']).toBe(1);
  });
});

it('leaves what is answered at once alone', async () => {
  await start({}, deadline(1));
  const client = await fixture.connect();
  expect(await client.ask('quick', 1)).toEqual({ id: 1, data: 1 });
  clock.advance(10);
  expect(stats().stages).toEqual({});
});

it('keeps the place of a handler that has not ended: another does not begin beside it', async () => {
  await start({ concurrency: 1 }, deadline(1000));
  const client = await askWork();
  clock.advance(1000);
  expect(await client.nextJson()).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } });
  client.send({ event: 'quick', id: 2 });
  while (stats().gauges.queuedMessages === 0) await turn();
  work.resolve('done');
  expect(await client.nextJson()).toMatchObject({ id: 2 });
});

describe('a message older than its meta.deadlineMs when its turn comes', () => {
  const queue = async (lateMessages?: EngineOptions['lateMessages']) => {
    await start({ concurrency: 1, ...(lateMessages && { lateMessages }) });
    const client = await askWork();
    client.send({ event: 'quick', id: 2, data: 'late', meta: { deadlineMs: 50 } });
    client.send({ event: 'quick', id: 3, data: 'early', meta: { deadlineMs: 51 } });
    while (stats().gauges.queuedMessages < 2) await turn();
    clock.advance(50);
    work.resolve('done');
    expect(await client.nextJson()).toEqual({ id: 1, data: 'done' });
    return client;
  };

  it('is dropped by default', async () => {
    const client = await queue();
    expect(await client.nextJson()).toMatchObject({ id: 2, error: { code: 'DEADLINE_EXCEEDED' } });
    expect(await client.nextJson()).toEqual({ id: 3, data: 'early' });
    expect(stats().stages).toEqual({ 'deadline.late': 1 });
  });

  it('is handled with "handle"', async () => {
    const client = await queue('handle');
    expect(await client.nextJson()).toEqual({ id: 2, data: 'late' });
  });

  it('closes the connection with "close"', async () => {
    const client = await queue('close');
    expect(await client.nextJson()).toMatchObject({ id: 2, error: { code: 'DEADLINE_EXCEEDED' } });
    expect((await client.closed).code).toBe(4408);
  });
});

it.each([0, -1, 2 ** 31, 'soon', null])('refuses a meta.deadlineMs of %p', async (deadlineMs) => {
  await start();
  const client = await fixture.connect();
  client.send({ event: 'quick', id: 1, meta: { deadlineMs } });
  expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'BAD_REQUEST' } });
});

it.each([0, 2 ** 31, 1.5])('refuses @Deadline(%p)', async (ms) => {
  await start();
  expect(() => deadline(ms).create(fixture.engine.stageHost)).toThrow('@Deadline');
});
