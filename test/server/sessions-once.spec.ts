import { deferred } from '../support/engine-fixture.js';
import { SessionFixture, until } from '../support/session-fixture.js';

let at: SessionFixture;

afterEach(() => at.fixture.stop());

describe('a message with an id, sent again', () => {
  it('gets the outcome of the first, and is not handled again', async () => {
    let handled = 0;
    at = await SessionFixture.start({
      handlers: {
        count: () => ++handled,
        fail: () => {
          handled++;
          throw new Error('no');
        },
      },
    });
    const client = await at.open();
    client.send({ event: 'count', id: 1 });
    client.send({ event: 'fail', id: 'x' });
    const first = [await client.next(), await client.next()];
    await at.cut(client);
    const back = await at.open(client);
    back.send({ event: 'count', id: 1 });
    back.send({ event: 'fail', id: 'x' });
    expect([await back.next(), await back.next()]).toEqual(first);
    expect(handled).toBe(2);
  });

  it('waits for the first while that is being handled', async () => {
    const work = deferred<string>();
    let handled = 0;
    at = await SessionFixture.start({
      handlers: {
        slow: () => {
          handled++;
          return work.promise;
        },
      },
    });
    const client = await at.open();
    client.send({ event: 'slow', id: 1 });
    await until(() => handled === 1);
    await at.cut(client);
    const back = await at.open(client);
    back.send({ event: 'slow', id: 1 });
    back.send({ event: '$ping', id: 2 });
    expect(await back.next()).toMatchObject({ id: 2 });
    work.resolve('done');
    expect(await back.next()).toEqual({ id: 1, data: 'done' });
    expect(await back.next()).toEqual({ id: 1, data: 'done' });
    expect(handled).toBe(1);
  });

  it('of a stream that still runs is the stream: it goes on, once', async () => {
    let runs = 0;
    const items = [deferred(), deferred()];
    const begins = deferred();
    at = await SessionFixture.start({
      handlers: {
        items: async () => {
          runs++;
          await begins.promise;
          return (async function* () {
            for (const [n, item] of items.entries()) {
              await item.promise;
              yield n;
            }
          })();
        },
      },
    });
    const client = await at.open();
    client.send({ event: 'items', id: 1 });
    await until(() => runs === 1);
    await at.cut(client);
    const back = await at.open(client);
    // Once before there is a stream, once while it runs.
    back.send({ event: 'items', id: 1 });
    back.send({ event: '$ping', id: 2 });
    expect(await back.next()).toMatchObject({ id: 2 });
    begins.resolve();
    items[0]?.resolve();
    expect(await back.next()).toEqual({ id: 1, data: 0, more: true });
    back.send({ event: 'items', id: 1 });
    back.send({ event: '$ping', id: 3 });
    expect(await back.next()).toMatchObject({ id: 3 });
    items[1]?.resolve();
    expect([await back.next(), await back.next()]).toEqual([
      { id: 1, data: 1, more: true },
      { id: 1, done: true },
    ]);
    expect(runs).toBe(1);
  });

  it('is known by its id alone: of the protocol, and whatever its key', async () => {
    let handled = 0;
    let asked = 0;
    at = await SessionFixture.start({
      authorizers: [
        {
          pattern: '*',
          canSubscribe: () => {
            asked++;
            return true;
          },
        },
      ],
      handlers: { count: () => ++handled },
    });
    const client = await at.open();
    client.send({ event: '$subscribe', id: 7, data: { room: 'r' } });
    client.send({ event: '$subscribe', id: 7, data: { room: 'r' } });
    expect(await client.take(2)).toEqual([null, null]);
    expect(asked).toBe(1);
    client.send({ event: 'count', id: 1, meta: { key: 'a' } });
    client.send({ event: 'count', id: 1, meta: { key: 'b' } });
    expect(await client.take(2)).toEqual([1, 1]);
  });

  it('is handled again where the first was refused with the advice to try again', async () => {
    let isReady = false;
    at = await SessionFixture.start({
      host: {
        middleware: [
          {
            inbound: (message, next) => (isReady ? next() : message.reject('UNAVAILABLE', 'in a moment')),
          },
        ],
      },
      handlers: { count: () => 1 },
    });
    const client = await at.open();
    client.send({ event: 'count', id: 1 });
    expect(await client.next()).toMatchObject({ error: { code: 'UNAVAILABLE' } });
    isReady = true;
    client.send({ event: 'count', id: 1 });
    expect(await client.next()).toEqual({ id: 1, data: 1 });
  });

  it('is remembered for as long as twice what may be in flight, and no longer', async () => {
    let handled = 0;
    at = await SessionFixture.start({
      options: { limits: { requestsInFlight: 1 } },
      handlers: { count: () => ++handled },
    });
    const client = await at.open();
    for (let id = 1; id <= 2048; id++) client.send({ event: 'count', id });
    await client.take(2048);
    client.send({ event: 'count', id: 1 });
    expect(await client.take(1)).toEqual([1]);
    client.send({ event: 'count', id: 2049 });
    expect(await client.take(1)).toEqual([2049]);
    client.send({ event: 'count', id: 1 });
    expect(await client.take(1)).toEqual([2050]);
  });

  it('is handled as often as it comes without a session', async () => {
    let handled = 0;
    at = await SessionFixture.start({ handlers: { count: () => ++handled } });
    const client = await at.fixture.connect('/', 'gatewire.v1.json');
    expect(await client.ask('count')).toMatchObject({ data: 1 });
    expect(await client.ask('count')).toMatchObject({ data: 2 });
  });
});
