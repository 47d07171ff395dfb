import { of, Subject, throwError } from 'rxjs';
import { deferred, EngineFixture } from '../support/engine-fixture.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

describe('outcomes of a message with an id', () => {
  it.each<[string, unknown, unknown]>([
    ['a value', { price: 1 }, { id: 1, data: { price: 1 } }],
    ['zero', 0, { id: 1, data: 0 }],
    ['an empty string', '', { id: 1, data: '' }],
    ['nothing', undefined, { id: 1, data: null }],
    ['null', null, { id: 1, data: null }],
    ['{event, data}', { event: 'done', data: 2 }, { id: 1, event: 'done', data: 2 }],
    ['a function', () => 1, { id: 1, data: null }],
  ])('answers %s', async (_name, value, expected) => {
    fixture = await EngineFixture.start({
      handlers: { get: () => value, later: () => Promise.resolve(value) },
    });
    const client = await fixture.connect();
    expect(await client.ask('get')).toEqual(expected);
    expect(await client.ask('later')).toEqual(expected);
  });

  it('keeps ids as they were: strings and numbers', async () => {
    fixture = await EngineFixture.start({ handlers: { get: () => 1 } });
    const client = await fixture.connect();
    expect(await client.ask('get', null, 'a"b')).toEqual({ id: 'a"b', data: 1 });
    expect(await client.ask('get', null, 0)).toEqual({ id: 0, data: 1 });
  });

  it('sends several values as items and an end, also when there is one', async () => {
    async function* three(): AsyncGenerator<number> {
      yield* [1, 2, 3];
      await Promise.resolve();
    }
    fixture = await EngineFixture.start({
      handlers: { one: () => of('x'), three: () => three(), none: () => of() },
    });
    const client = await fixture.connect();
    client.send({ event: 'one', id: 1 });
    expect([await client.nextJson(), await client.nextJson()]).toEqual([
      { id: 1, data: 'x', more: true },
      { id: 1, done: true },
    ]);
    client.send({ event: 'three', id: 2 });
    const frames = [
      await client.nextJson(),
      await client.nextJson(),
      await client.nextJson(),
      await client.nextJson(),
    ];
    expect(frames.map((frame) => frame['data'])).toEqual([1, 2, 3, undefined]);
    expect(frames[3]).toEqual({ id: 2, done: true });
    expect(await client.ask('none', null, 3)).toEqual({ id: 3, done: true });
  });

  it('ends a stream in its error', async () => {
    fixture = await EngineFixture.start({ handlers: { bad: () => throwError(() => new Error('secret')) } });
    const client = await fixture.connect();
    expect(await client.ask('bad')).toEqual({
      id: 1,
      error: { code: 'INTERNAL', message: 'Internal server error' },
    });
  });

  it('ends a stream on $cancel, unsubscribes from its source, and aborts the signal', async () => {
    const source = new Subject<number>();
    let signal: AbortSignal | undefined;
    const handlers = {
      watch: (_data: unknown, message: { signal: AbortSignal }) => {
        signal = message.signal;
        return source;
      },
    };
    fixture = await EngineFixture.start({ handlers });
    const client = await fixture.connect();
    client.send({ event: 'watch', id: 'w' });
    await expect(client.ask('$ping', null, 'p')).resolves.toMatchObject({ event: '$pong' });
    source.next(1);
    expect(await client.nextJson()).toEqual({ id: 'w', data: 1, more: true });
    client.send({ event: '$cancel', id: 'w' });
    expect(await client.nextJson()).toMatchObject({ id: 'w', error: { code: 'CANCELLED' } });
    expect(source.observed).toBe(false);
    expect(signal?.aborted).toBe(true);
    expect(fixture.engine.server.stats().gauges.streams).toBe(0);
  });

  it('returns an async iterator whose requester has gone', async () => {
    const returned = deferred();
    async function* forever(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) {
          await new Promise((resolve) => setImmediate(resolve));
          yield i;
        }
      } finally {
        returned.resolve();
      }
    }
    fixture = await EngineFixture.start({ handlers: { forever: () => forever() } });
    const client = await fixture.connect();
    client.send({ event: 'forever', id: 1 });
    await client.nextJson();
    client.terminate();
    await returned.promise;
  });

  it('answers an error of the handler exactly once', async () => {
    fixture = await EngineFixture.start({
      handlers: {
        sync: () => {
          throw new Error('secret');
        },
        async: () => Promise.reject(new Error('secret')),
      },
    });
    const client = await fixture.connect();
    const expected = { id: 1, error: { code: 'INTERNAL', message: 'Internal server error' } };
    expect(await client.ask('sync')).toEqual(expected);
    expect(await client.ask('async')).toEqual(expected);
    expect(await client.ask('$ping')).toMatchObject({ event: '$pong' });
    expect(client.unread).toHaveLength(0);
  });

  it('answers a value that cannot be encoded with an error', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const items = new Subject<unknown>();
    fixture = await EngineFixture.start({
      handlers: { cycle: () => cycle, big: () => 1n, items: () => items },
    });
    const client = await fixture.connect();
    client.send({ event: 'items', id: 1 });
    await client.ask('$ping', null, 'p');
    items.next(1n);
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'INTERNAL' } });
    expect(items.observed).toBe(false);
    expect(await client.ask('cycle')).toMatchObject({ id: 1, error: { code: 'INTERNAL' } });
    expect(await client.ask('big')).toMatchObject({ id: 1, error: { code: 'INTERNAL' } });
  });
});

describe('answers to a message without an id', () => {
  it('sends what is not nil as it is', async () => {
    fixture = await EngineFixture.start({
      handlers: {
        zero: () => 0,
        reply: () => ({ event: 'r', data: 1 }),
        none: () => undefined,
        many: () => of(1, null, 2),
      },
    });
    const client = await fixture.connect();
    for (const event of ['none', 'zero', 'reply', 'many']) client.send({ event });
    expect([await client.next(), await client.next(), await client.next(), await client.next()]).toEqual([
      '0',
      '{"event":"r","data":1}',
      '1',
      '2',
    ]);
  });
});

describe('binary beside JSON', () => {
  /** uint32 header length, JSON envelope, raw bytes (PROTOCOL.md). */
  function split(frame: Buffer): { header: unknown; raw: Buffer } {
    const length = frame.readUInt32BE(0);
    return { header: JSON.parse(frame.subarray(4, 4 + length).toString()), raw: frame.subarray(4 + length) };
  }

  it('sends bytes and objects that hold bytes as binary frames', async () => {
    const bytes = Buffer.from([1, 2, 3]);
    fixture = await EngineFixture.start({
      handlers: { bytes: () => bytes, file: () => ({ file: bytes, name: 'a.bin' }) },
    });
    const client = await fixture.connect();
    client.send({ event: 'bytes', id: 1 });
    expect(split((await client.next()) as Buffer)).toEqual({ header: { id: 1 }, raw: bytes });
    client.send({ event: 'file', id: 2 });
    const { header, raw } = split((await client.next()) as Buffer);
    expect(header).toMatchObject({ id: 2, data: { name: 'a.bin' } });
    expect(raw).toEqual(bytes);
  });

  it('gives a handler the bytes a client sends', async () => {
    let received: unknown;
    fixture = await EngineFixture.start({ handlers: { upload: (data) => void (received = data) } });
    const client = await fixture.connect();
    const header = Buffer.from(JSON.stringify({ event: 'upload', id: 1 }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(header.length);
    client.send(Buffer.concat([length, header, Buffer.from([9, 8, 7])]));
    expect(await client.nextJson()).toEqual({ id: 1, data: null });
    expect([...(received as Uint8Array)]).toEqual([9, 8, 7]);
  });
});
