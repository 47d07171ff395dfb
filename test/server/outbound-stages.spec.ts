import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import type { OutboundMessage } from '../../lib/pipeline/outbound-message.js';
import { deferred, EngineFixture } from '../support/engine-fixture.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

const stage = (phases: GatewayMiddleware): GatewayMiddleware => phases;
const handlers = {
  echo: (data: unknown) => data,
  named: (data: unknown) => ({ event: 'name', data }),
  *stream() {},
};
const start = async (...middleware: GatewayMiddleware[]): Promise<void> => {
  fixture = await EngineFixture.start({
    host: { middleware },
    handlers: {
      echo: handlers.echo,
      named: handlers.named,
      items: async function* () {
        yield* [1, 2];
      },
      fails: () => Promise.reject(new Error('x')),
    },
  });
};
const stats = () => fixture.engine.server.stats();
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('outbound', () => {
  it('sees emits once whatever the receivers, outcomes, and requests, with their target', async () => {
    const seen: OutboundMessage[] = [];
    await start(stage({ outbound: (message, next) => (seen.push(message), next()) }));
    const [one, two] = [await fixture.connect(), await fixture.connect()];
    fixture.endpoint.server.emit('news', 1);
    expect([await one.nextJson(), await two.nextJson()]).toEqual([
      { event: 'news', data: 1 },
      { event: 'news', data: 1 },
    ]);
    expect(await one.ask('echo', 'x', 7)).toEqual({ id: 7, data: 'x' });
    expect(await one.ask('fails', 'x', 8)).toMatchObject({ id: 8, error: { code: 'INTERNAL' } });
    one.send({ event: 'echo', data: 'as it is' });
    expect(await one.next()).toBe('"as it is"');
    const [connection] = fixture.endpoint.connections;
    const asked = connection?.request('how', 'now');
    const question = await one.nextJson();
    expect(question).toMatchObject({ event: 'how', data: 'now' });
    one.send({ id: question['id'], data: 'fine' });
    expect(await asked).toBe('fine');
    expect(
      seen.map(({ event, data, id, error, target, inReplyTo }) => [
        event,
        data,
        id,
        error?.code,
        target.kind,
        inReplyTo?.event,
      ]),
    ).toEqual([
      ['news', 1, undefined, undefined, 'all', undefined],
      [undefined, 'x', 7, undefined, 'connection', 'echo'],
      [undefined, undefined, 8, 'INTERNAL', 'connection', 'fails'],
      [undefined, 'as it is', undefined, undefined, 'connection', 'echo'],
      ['how', 'now', question['id'], undefined, 'connection', undefined],
    ]);
  });

  it('may change event, data and meta of everything', async () => {
    await start(
      stage({
        outbound: (message, next) => {
          message.data = { wrapped: message.data };
          message.meta = { v: 2 };
          return next();
        },
      }),
    );
    const client = await fixture.connect();
    expect(await client.ask('named', 1)).toEqual({
      id: 1,
      event: 'name',
      data: { wrapped: 1 },
      meta: { v: 2 },
    });
    client.send({ event: 'items', id: 2 });
    expect([await client.nextJson(), await client.nextJson(), await client.nextJson()]).toEqual([
      { id: 2, data: { wrapped: 1 }, meta: { v: 2 }, more: true },
      { id: 2, data: { wrapped: 2 }, meta: { v: 2 }, more: true },
      { id: 2, meta: { v: 2 }, done: true },
    ]);
  });

  it('keeps the order of what is sent while an asynchronous stage works, for every receiver', async () => {
    const gate = deferred();
    await start(
      stage({ outbound: (message, next) => (message.event === 'slow' ? gate.promise.then(next) : next()) }),
    );
    const [one, two] = [await fixture.connect(), await fixture.connect()];
    const { server } = fixture.endpoint;
    server.emit('before');
    server.emit('slow', 1);
    server.emit('after');
    one.send({ event: 'echo', id: 1, data: 'reply' });
    expect([await one.nextJson(), await two.nextJson()]).toEqual([{ event: 'before' }, { event: 'before' }]);
    for (let i = 0; i < 20; i++) await settled();
    expect([...one.unread, ...two.unread]).toEqual([]);
    const late = await fixture.connect();
    gate.resolve();
    expect([await one.nextJson(), await one.nextJson(), await one.nextJson()]).toEqual([
      { event: 'slow', data: 1 },
      { event: 'after' },
      { id: 1, data: 'reply' },
    ]);
    expect([await two.nextJson(), await two.nextJson()]).toEqual([
      { event: 'slow', data: 1 },
      { event: 'after' },
    ]);
    // Who came after the emit was not among its receivers.
    expect(await late.ask('echo', 1)).toEqual({ id: 1, data: 1 });
    expect(late.unread).toEqual([]);
  });

  it('flushes what an asynchronous stage still works on before it closes', async () => {
    const gate = deferred();
    await start(stage({ outbound: (_, next) => gate.promise.then(next) }));
    const client = await fixture.connect();
    const [connection] = fixture.endpoint.connections;
    connection?.emit('last words');
    connection?.close(1000);
    gate.resolve();
    expect(await client.nextJson()).toEqual({ event: 'last words' });
    expect((await client.closed).code).toBe(1000);
  });

  it.each([
    ['drops', () => undefined, 'FILTERED'],
    ['drops after waiting', async () => settled(), 'FILTERED'],
    [
      'throws after waiting',
      async () => {
        await settled();
        throw new Error('broken stage');
      },
      'INTERNAL',
    ],
    [
      'throws',
      () => {
        throw new Error('broken stage');
      },
      'INTERNAL',
    ],
  ])('gives a requester its one outcome when a stage %s', async (name, outbound, code) => {
    await start(stage({ outbound: (message, next) => (message.error === undefined ? outbound() : next()) }));
    const client = await fixture.connect();
    expect(await client.ask('echo', 1)).toMatchObject({ id: 1, error: { code } });
    if (code === 'FILTERED') expect(stats().stages['dropped.outbound']).toBe(1);
    else if (name.includes('waiting')) expect(fixture.log.lines.join()).toContain('broken stage');
    expect(client.unread).toEqual([]);
  });

  it('runs a stage that says so, and those after it, once for each receiver', async () => {
    const runs = { first: 0, own: 0, last: 0 };
    await start(
      stage({ outbound: (_, next) => (runs.last++, next()) }),
      stage({
        perConnection: true,
        outbound: (message, next) => {
          runs.own++;
          if (message.target.kind === 'connection')
            message.data = message.target.connection.handshake.query.get('name');
          return next();
        },
      }),
      stage({ outbound: (_, next) => (runs.first++, next()) }),
    );
    const [one, two] = [await fixture.connect('/?name=one'), await fixture.connect('/?name=two')];
    fixture.endpoint.server.emit('you are', 'nobody');
    expect([await one.nextJson(), await two.nextJson()]).toEqual([
      { event: 'you are', data: 'one' },
      { event: 'you are', data: 'two' },
    ]);
    expect(runs).toEqual({ first: 1, own: 2, last: 2 });
  });
});

describe('frames', () => {
  const flip = (data: Buffer | string): Buffer => Buffer.from(Buffer.from(data).map((byte) => byte ^ 0xff));
  const flipping: GatewayMiddleware = {
    inboundFrame(frame, next) {
      frame.data = flip(frame.data);
      frame.isBinary = false;
      return next();
    },
    outboundFrame(frame, next) {
      frame.data = flip(frame.data);
      frame.isBinary = true;
      return next();
    },
  };

  it('pass the frame stages both ways, encoded once for all receivers', async () => {
    let runs = 0;
    await start(
      flipping,
      stage({
        outboundFrame: (frame, next) => {
          runs++;
          expect(frame).toMatchObject({ codec: 'json', isBinary: false });
          return next();
        },
      }),
    );
    const clients = [await fixture.connect(), await fixture.connect()];
    for (const client of clients) client.send(flip(JSON.stringify({ event: 'echo', id: 1, data: 'x' })));
    for (const client of clients) expect(flip(await client.next()).toString()).toBe('{"id":1,"data":"x"}');
    expect(runs).toBe(2);
    fixture.endpoint.server.emit('news', 1);
    for (const client of clients)
      expect(flip(await client.next()).toString()).toBe('{"event":"news","data":1}');
    expect(runs).toBe(3);
  });

  it('keep their order while an asynchronous stage works, and are bounded meanwhile', async () => {
    const gate = deferred();
    const order: unknown[] = [];
    fixture = await EngineFixture.start({
      options: { limits: { inboundQueueMessages: 4 } },
      host: {
        middleware: [
          { inboundFrame: (frame, next) => (frame.data.includes('slow') ? gate.promise.then(next) : next()) },
        ],
      },
      handlers: { say: (data) => void order.push(data) },
    });
    const client = await fixture.connect();
    for (const data of ['fast', 'slow', 1, 2]) client.send({ event: 'say', data });
    while (fixture.engine.server.stats().counters.messagesReceived < 4) await settled();
    expect(order).toEqual(['fast']);
    expect(stats().gauges.queuedMessages).toBe(3);
    client.send({ event: 'say', data: 3 });
    const [connection] = fixture.endpoint.connections;
    while (connection?.isPaused !== true) await settled();
    gate.resolve();
    while (order.length < 5) await settled();
    expect(order).toEqual(['fast', 'slow', 1, 2, 3]);
    expect(connection.isPaused).toBe(false);
    expect(stats().gauges.queuedMessages).toBe(0);
  });

  it('are refused with what a stage throws, or dropped and counted', async () => {
    await start({
      inboundFrame: (frame, next) => {
        if (frame.data.includes('drop')) return frame.drop('noise');
        if (frame.data.includes('throw')) throw new Error('secret');
        return next();
      },
    });
    const client = await fixture.connect();
    client.send('drop me');
    client.send('throw me');
    expect(await client.nextJson()).toEqual({
      event: 'exception',
      data: { status: 'error', code: 'INTERNAL', message: 'Internal server error' },
    });
    expect(stats()).toMatchObject({
      counters: { messagesDropped: 1, messagesRefused: 1 },
      stages: { 'dropped.noise': 1 },
    });
    expect(await client.ask('echo', 1)).toEqual({ id: 1, data: 1 });
  });

  it('tell messages what protected them', async () => {
    let protection: unknown;
    fixture = await EngineFixture.start({
      host: {
        middleware: [
          {
            inboundFrame: (frame, next) => {
              frame.protect({ signed: { alg: 'none', kid: 'k', issuedAt: 1 } });
              return next();
            },
            inbound: (message, next) => {
              ({ protection } = message);
              return next();
            },
          },
        ],
      },
      handlers: { echo: (data) => data },
    });
    const client = await fixture.connect();
    await client.ask('echo', 1);
    expect(protection).toEqual({ signed: { alg: 'none', kid: 'k', issuedAt: 1 } });
  });
});

it('tells stages that a connection is gone', async () => {
  const gone = deferred<unknown>();
  await start({ disconnected: (connection, reason) => gone.resolve([connection.id.length, reason.code]) });
  const client = await fixture.connect();
  client.close(1000);
  expect(await gone.promise).toEqual([20, 1000]);
});
