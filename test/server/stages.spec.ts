import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import type { InboundMessage, MessageOutcome } from '../../lib/pipeline/inbound-message.js';
import { deferred, EngineFixture } from '../support/engine-fixture.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

type Inbound = NonNullable<GatewayMiddleware['inbound']>;
const stage = (inbound: Inbound): GatewayMiddleware =>
  new (class Stage {
    inbound = inbound;
  })();
const start = async (...inbound: Inbound[]): Promise<void> => {
  fixture = await EngineFixture.start({
    host: { middleware: inbound.map(stage) },
    handlers: {
      echo: (data) => data,
      slow: async (data) => (await Promise.resolve(), data),
      fails: () => Promise.reject(new Error('broken')),
      cycle: () => {
        const cycle: unknown[] = [];
        cycle.push(cycle);
        return cycle;
      },
      other: (_data, message) => `other, sent as ${message.event}`,
    },
  });
};
const stats = () => fixture.engine.server.stats();

describe('a stage that does not call next()', () => {
  it('drops: a requester is told, nobody else is, and it is counted by its reason', async () => {
    let runs = 0;
    await start(
      (message) => message.drop('spam'),
      (_, next) => (runs++, next()),
    );
    const client = await fixture.connect();
    client.send({ event: 'echo', data: 1 });
    expect(await client.ask('echo')).toEqual({
      id: 1,
      error: { code: 'FILTERED', message: 'the message was filtered out' },
    });
    expect(client.unread).toEqual([]);
    expect(runs).toBe(0);
    expect(stats()).toMatchObject({
      counters: { messagesDropped: 2 },
      stages: { 'dropped.spam': 2 },
      errors: { FILTERED: 1 },
    });
  });

  it('drops in its own name where it says nothing', async () => {
    class Forgetful implements GatewayMiddleware {
      inbound(): void {}
    }
    fixture = await EngineFixture.start({ host: { middleware: [new Forgetful()] } });
    const client = await fixture.connect();
    expect(await client.ask('echo')).toMatchObject({ error: { code: 'FILTERED' } });
    expect(stats().stages).toEqual({ 'dropped.Forgetful': 1 });
  });

  it('rejects with a code and details', async () => {
    await start((message) => message.reject('NO_WAY', 'not today', { tomorrow: true }));
    const client = await fixture.connect();
    expect(await client.ask('echo')).toEqual({
      id: 1,
      error: { code: 'NO_WAY', message: 'not today', details: { tomorrow: true } },
    });
    client.send({ event: 'echo' });
    expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { code: 'NO_WAY' } });
  });

  it('answers by itself, also after waiting', async () => {
    await start(async (message) => {
      await Promise.resolve();
      message.answer({ cached: true });
    });
    const client = await fixture.connect();
    expect(await client.ask('echo')).toEqual({ id: 1, data: { cached: true } });
  });
});

describe('a stage that goes on', () => {
  it('may change event, data and meta', async () => {
    let meta: unknown;
    await start(
      (message, next) => {
        message.event = 'other';
        (message.meta ??= {})['seen'] = true;
        return next();
      },
      (message, next) => {
        meta = message.meta;
        return next();
      },
    );
    const client = await fixture.connect();
    expect(await client.ask('echo', 1)).toEqual({ id: 1, data: 'other, sent as other' });
    expect(meta).toEqual({ seen: true });
  });

  it.each<[string, Partial<MessageOutcome> & { kind: string }]>([
    ['echo', { kind: 'value', value: 'x' }],
    ['slow', { kind: 'value', value: 'x' }],
    ['fails', { kind: 'error', error: new Error('broken') } as never],
    ['cycle', { kind: 'error' }],
    ['nobody', { kind: 'error' }],
  ])('sees what became of "%s"', async (event, expected) => {
    const seen = deferred<MessageOutcome | undefined>();
    await start((message, next) => {
      const done = next();
      const tell = () => seen.resolve(message.outcome);
      return done === undefined ? tell() : done.then(tell);
    });
    const client = await fixture.connect();
    await client.ask(event, 'x');
    expect(await seen.promise).toMatchObject(expected);
  });

  it('is told when it calls next() twice, by name, and the handler runs once', async () => {
    let runs = 0;
    class Eager implements GatewayMiddleware {
      inbound(_: InboundMessage, next: () => void | Promise<void>) {
        void next();
        return next();
      }
    }
    fixture = await EngineFixture.start({
      host: { middleware: [new Eager()] },
      handlers: { echo: () => void runs++ },
    });
    const client = await fixture.connect();
    await client.ask('echo');
    client.send({ event: 'echo' });
    expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { code: 'INTERNAL' } });
    expect(runs).toBe(2);
    expect(fixture.log.lines.join()).toContain('Eager called next() twice');
  });

  it('does not skip a stage that ended the way when it calls next() again', async () => {
    let runs = 0;
    await start(
      (_, next) => {
        void next();
        try {
          void next();
        } catch {
          /* the stage swallows it */
        }
      },
      (message) => message.drop('filter'),
      (_, next) => (runs++, next()),
    );
    const client = await fixture.connect();
    expect(await client.ask('echo')).toMatchObject({ error: { code: 'FILTERED' } });
    expect(runs).toBe(0);
  });
});
