import { TextMessageFilter } from '../../lib/nest/decorators/message-filter.decorator.js';
import { EventVersions, MapMessages } from '../../lib/nest/decorators/transform.decorator.js';
import type { MiddlewareFactory } from '../../lib/pipeline/middleware.js';
import { from } from 'rxjs';
import { EngineFixture, type HandlerFunction } from '../support/engine-fixture.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

const start = async (handlers: Record<string, HandlerFunction>, ...middleware: MiddlewareFactory[]) => {
  fixture = await EngineFixture.start({ host: { middleware }, handlers });
  return fixture.connect();
};
const order = {
  current: 2,
  up: { 1: (sum: number) => ({ sum }) },
  down: { 2: ({ sum }: { sum: number }) => sum },
};

describe('versions of events on connections', () => {
  it('answer in the version asked: values, items of streams, nothing, errors', async () => {
    const client = await start(
      {
        order: (data) => data,
        nothing: () => undefined,
        list: (data) => from([data, data]),
        fails: () => Promise.reject(new Error('broken')),
      },
      EventVersions.of({ order, nothing: order, list: order, fails: order }),
    );
    expect(await client.ask('order.v1', 5)).toEqual({ id: 1, data: 5 });
    expect(await client.ask('order.v2', { sum: 6 })).toEqual({ id: 1, data: { sum: 6 } });
    client.send({ event: 'order', data: 7, id: 2, meta: { version: 1 } });
    expect(await client.nextJson()).toEqual({ id: 2, data: 7, meta: { version: 1 } });
    expect(await client.ask('nothing.v1', 1)).toEqual({ id: 1, data: null });
    expect(await client.ask('fails.v1', 1)).toMatchObject({ id: 1, error: { code: 'INTERNAL' } });
    client.send({ event: 'list.v1', data: 8, id: 3 });
    expect([await client.nextJson(), await client.nextJson(), await client.nextJson()]).toEqual([
      { id: 3, data: 8, more: true },
      { id: 3, data: 8, more: true },
      { id: 3, done: true },
    ]);
  });

  it('go out to each receiver in its own, where somebody says which', async () => {
    const client = await start(
      { iSpeak: (version, { connection }) => void (connection.data['version'] = version) },
      EventVersions.of({ order }, { clientVersion: ({ data }) => data['version'] as number | undefined }),
    );
    const other = await fixture.connect();
    await client.ask('iSpeak', 1);
    fixture.engine.server.emit('order', { sum: 9 });
    expect(await client.nextJson()).toEqual({ event: 'order', data: 9, meta: { version: 1 } });
    expect(await other.nextJson()).toEqual({ event: 'order', data: { sum: 9 }, meta: { version: 2 } });
  });
});

describe('mappers and filters of what goes out', () => {
  it('run once for a broadcast, and not for what is the protocol’s', async () => {
    let runs = 0;
    const count = (data: unknown): unknown => (runs++, data);
    const client = await start({}, MapMessages.of({ outbound: { '*': count, '**': count } }));
    await fixture.connect();
    client.send({ event: '$ping', data: 1 });
    expect(await client.nextJson()).toEqual({ event: '$pong', data: 1 });
    expect(runs).toBe(0);
    fixture.engine.server.emit('news', 1);
    expect(await client.nextJson()).toEqual({ event: 'news', data: 1 });
    expect(runs).toBe(2);
  });

  it('that refuse a reply: its requester hears of it; an emit: who emits does', async () => {
    let thrown: unknown;
    const client = await start(
      {
        leak: () => ({ text: 'a Secret thing' }),
        tell: (_, { connection }) => {
          try {
            connection.emit('told', 'secret');
          } catch (error) {
            thrown = error;
          }
        },
      },
      TextMessageFilter.of({ contains: 'secret', direction: 'outbound' }),
    );
    expect(await client.ask('leak')).toEqual({
      id: 1,
      error: { code: 'FILTERED', message: 'the message was filtered out' },
    });
    await client.ask('tell');
    expect(thrown).toMatchObject({ code: 'FILTERED' });
    expect(client.unread).toEqual([]);
  });

  it('that drop a reply leave its requester with an error, and drop an emit without a word', async () => {
    const client = await start(
      { leak: () => 'secret', tell: (_, { connection }) => connection.emit('told', 'secret') },
      TextMessageFilter.of({ contains: 'secret', direction: 'outbound', outcome: { drop: 'secret' } }),
    );
    expect(await client.ask('leak')).toMatchObject({ error: { code: 'FILTERED' } });
    expect(await client.ask('tell')).toEqual({ id: 1, data: false });
    expect(client.unread).toEqual([]);
    expect(fixture.engine.server.stats().stages).toMatchObject({
      'message-filter.dropped': 1,
      'message-filter.rejected': 1,
    });
  });
});
