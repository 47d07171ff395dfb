import type { ReplayOptions } from '../../lib/replay/replay.options.js';
import { encodeEnvelope } from '../../lib/protocol/encode-envelope.js';
import type { EngineFixture, FixtureOptions, HandlerFunction } from '../support/engine-fixture.js';
import { everybody, played } from '../support/replayed.js';
import { until } from '../support/session-fixture.js';

const handlers: Record<string, HandlerFunction> = {
  say: (data) => `said ${String(data)}`,
  bytes: (data) => ({ same: (data as { raw: Uint8Array }).raw }),
  fail: () => Promise.reject(new Error('no')),
  shout: (data, { connection }) => {
    connection.emit('heard', { data });
  },
  bare: (data) => ({ value: data }),
  count: async function* (data) {
    for (let i = 0; i < Number(data); i++) yield await Promise.resolve(i);
  },
};

/** One of everything. */
async function everything(fixture: EngineFixture): Promise<void> {
  const client = await fixture.connect();
  await client.ask('say', 'hi', 1);
  await client.ask('say', 'ho', 'two');
  await client.ask('fail', null, 3);
  await client.ask('nobody', null, 4);
  client.send(
    Buffer.from(encodeEnvelope({ event: 'bytes', id: 5, data: { raw: Buffer.of(1, 2, 3) } }) as Uint8Array),
  );
  await client.next();
  client.send({ event: 'shout', data: 'a' });
  await client.next();
  client.send({ event: 'bare', data: [1] });
  await client.next();
  client.send({ event: 'nobody' });
  await client.next();
  client.send({ event: 'count', data: 3, id: 6 });
  for (let i = 0; i < 4; i++) await client.next();
  client.close(1000);
  await client.closed;
  await until(() => fixture.endpoint.connections.size === 0);
}

describe('a replay against the same server', () => {
  it.each<[string, Partial<ReplayOptions>]>([
    ['as fast as it answers', { speed: 'max' }],
    ['by the clock', { speed: 1 }],
    ['in order', { ordered: true }],
  ])('finds no difference in one of everything: %s', async (_name, options) => {
    const report = await played({ handlers }, everything, options);
    expect(report).toMatchObject({
      isSame: true,
      differences: [],
      failures: [],
      differing: 0,
      connections: { opened: 1, failed: 0 },
      messages: { sent: 9, unsent: 0 },
      recording: { sample: 1, brokenLines: 0, lostLines: 0, isWhole: true },
      latencyMs: { count: 6 },
      recordedLatencyMs: { count: 6 },
      lateMs: { count: 9 },
    });
    // 5 answers, 4 frames of a stream, and 3 without an id.
    expect(report.same).toBe(12);
  });

  it('joins rooms, and finds what others have published', async () => {
    const fixture: FixtureOptions = { handlers: {}, authorizers: [everybody] };
    const report = await played(fixture, async (first) => {
      const [a, b] = [await first.connect(), await first.connect()];
      await a.ask('$subscribe', { room: 'r' });
      await b.ask('$publish', { room: 'r', event: 'news', data: 1 });
      expect(await a.nextJson()).toMatchObject({ event: 'news', room: 'r' });
    });
    expect(report).toMatchObject({ isSame: true, same: 3, connections: { opened: 2 } });
  });
});

describe('a replay against a server that has changed', () => {
  const answering = (changed: Record<string, HandlerFunction>): { changed: FixtureOptions } => ({
    changed: { handlers: { ...handlers, ...changed } },
  });

  it.each<[string, Record<string, HandlerFunction>, object]>([
    [
      'an answer',
      { say: (data) => `cried ${String(data)}` },
      {
        kind: 'changed',
        event: 'say',
        id: 1,
        paths: [{ path: 'data', expected: 'said hi', actual: 'cried hi' }],
      },
    ],
    [
      'an error',
      { fail: () => 'no longer' },
      {
        kind: 'changed',
        event: 'fail',
        id: 3,
        paths: [
          { path: 'error', expected: { code: 'INTERNAL', message: 'Internal server error' } },
          { path: 'data', actual: 'no longer' },
        ],
      },
    ],
    [
      'bytes',
      { bytes: () => ({ same: Buffer.of(9) }) },
      {
        kind: 'changed',
        event: 'bytes',
        id: 5,
        paths: [{ path: 'data.same.$bytes', expected: 'AQID', actual: 'CQ' }],
      },
    ],
    [
      'an event',
      { shout: (data, { connection }) => void connection.emit('heard', { data, loud: true }) },
      { kind: 'changed', event: 'heard', paths: [{ path: 'data.loud', actual: true }] },
    ],
    [
      'an event that does not come',
      { shout: () => undefined },
      {
        kind: 'missing',
        event: 'heard',
        paths: [{ path: '', expected: { event: 'heard', data: { data: 'a' } } }],
      },
    ],
    [
      'a value without a name',
      { bare: () => ({ value: [2] }) },
      { kind: 'changed', event: '(value)', paths: [{ path: 'data.value.0', expected: 1, actual: 2 }] },
    ],
    [
      'a stream that is shorter',
      {
        count: async function* () {
          yield await Promise.resolve(0);
        },
      },
      {
        kind: 'changed',
        event: 'count',
        id: 6,
        paths: [
          { path: 'data', expected: 1 },
          { path: 'more', expected: true },
          { path: 'done', actual: true },
        ],
      },
    ],
    [
      'an answer that does not come',
      { say: (data) => (data === 'ho' ? new Promise(() => undefined) : `said ${String(data)}`) },
      { kind: 'missing', event: 'say', id: 'two' },
    ],
  ])('names %s', async (_name, changed, difference) => {
    const report = await played({ handlers }, everything, answering(changed));
    expect(report.isSame).toBe(false);
    expect(report.differences[0]).toMatchObject({ connection: 1, ...difference });
    expect(report.differing).toBe(changed['say'] === undefined || _name.endsWith('come') ? 1 : 2);
  });

  it('names what comes and was not recorded', async () => {
    const report = await played(
      { handlers },
      everything,
      answering({
        shout: (data, { connection }) => {
          connection.emit('heard', { data });
          connection.emit('echo', 1);
        },
      }),
    );
    expect(report).toMatchObject({ differing: 1 });
    expect(report.differences).toMatchObject([
      { kind: 'unexpected', event: 'echo', paths: [{ path: '', actual: { event: 'echo', data: 1 } }] },
    ]);
  });

  it('does not mind the order of events, unless it matters', async () => {
    const emitting = (first: string, second: string): Record<string, HandlerFunction> => ({
      go: (_data, { connection }) => {
        for (const name of [first, second]) connection.emit('tick', name);
      },
    });
    const play = async (fixture: EngineFixture): Promise<void> => {
      const client = await fixture.connect();
      client.send({ event: 'go' });
      await client.next();
      await client.next();
    };
    const changed = { changed: { handlers: emitting('b', 'a') } };
    const fixture = { handlers: emitting('a', 'b') };
    expect(await played(fixture, play, changed)).toMatchObject({ isSame: true, same: 2 });
    const { differences } = await played(fixture, play, { ...changed, ordered: true });
    expect(differences).toMatchObject([
      { kind: 'changed', event: 'tick', paths: [{ path: 'data', expected: 'a', actual: 'b' }] },
      { kind: 'changed', event: 'tick', paths: [{ path: 'data', expected: 'b', actual: 'a' }] },
    ]);
  });

  it('leaves out what is to be ignored: everywhere, or of some events', async () => {
    let at = 0;
    const fixture = {
      handlers: {
        'order.new': () => ({ at: ++at, id: at }),
        'cart.new': () => ({ id: ++at, items: [{ no: at }] }),
      },
    };
    const play = async (first: EngineFixture): Promise<void> => {
      const client = await first.connect();
      await client.ask('order.new');
      await client.ask('cart.new');
    };
    const paths = async (ignore: readonly string[]): Promise<string[]> =>
      (await played(fixture, play, { ignore })).differences.flatMap((one) =>
        one.paths.map(({ path }) => path),
      );
    expect(await paths([])).toEqual(['data.at', 'data.id', 'data.id', 'data.items.0.no']);
    expect(await paths(['data.at', '**.no'])).toEqual(['data.id', 'data.id']);
    expect(await paths(['order.*:data.id', 'data.at'])).toEqual(['data.id', 'data.items.0.no']);
    expect(await paths(['order.*:data', 'cart.new:**.id', '**.no'])).toEqual([]);
  });

  it('is told each difference, and has the first ones', async () => {
    const told: string[] = [];
    const report = await played({ handlers }, everything, {
      ...answering({ say: () => 1, fail: () => 2 }),
      maxDifferences: 1,
      onDifference: ({ event }) => told.push(event),
    });
    expect(told).toEqual(['say', 'say', 'fail']);
    expect(report.differences).toHaveLength(1);
    expect(report.differing).toBe(3);
  });

  it('notices a close that was not there, one that is not there, and another one', async () => {
    const closing = (code?: number): Record<string, HandlerFunction> => ({
      go: (_data, { connection }) => {
        if (code !== undefined) connection.close(code);
      },
    });
    const play = async (fixture: EngineFixture): Promise<void> => {
      const client = await fixture.connect();
      client.send({ event: 'go' });
      client.send({ event: '$ping' });
      await Promise.race([client.closed, client.next().catch(() => undefined)]);
      client.close(1000);
      await client.closed;
      await until(() => fixture.endpoint.connections.size === 0);
    };
    const differences = async (then?: number, now?: number): Promise<unknown> =>
      (await played({ handlers: closing(then) }, play, { changed: { handlers: closing(now) } })).differences;
    expect(await differences(4001, 4001)).toEqual([]);
    const place = { connection: 1, event: '$close' };
    expect(await differences(4001, 4002)).toMatchObject([
      { kind: 'changed', ...place, paths: [{ path: 'code', expected: 4001, actual: 4002 }] },
    ]);
    expect(await differences(4001, undefined)).toMatchObject([{ kind: 'missing', ...place }]);
    expect(await differences(undefined, 4001)).toMatchObject([{ kind: 'unexpected', ...place }]);
  });
});
