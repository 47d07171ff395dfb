import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { RecordOutcome } from '../../lib/nest/decorators/record-outcome.decorator.js';
import { apiKey } from '../../lib/pipeline/stages/authentication/api-key.strategy.js';
import { NestApp } from '../nest/nest-app.js';
import { SessionClient } from '../support/session-client.js';
import type { TestClient } from '../support/test-client.js';
import { OrdersApp } from './orders-app.js';
import { TypeOrmDatabase } from './typeorm-database.js';

let app: OrdersApp;
afterEach(() => app.stop());

const keys = { authenticate: [apiKey({ keys: { ada: 'a'.repeat(16), bob: 'b'.repeat(16) } })] };
const as = (key: string): Promise<TestClient> =>
  app.nest.connect('/', 'gatewire.v1.json', { headers: { 'x-api-key': key.repeat(16) } });
const placed = (frame: Record<string, unknown>): unknown => frame['data'] ?? frame['error'];
const place = async (client: TestClient, data: unknown, key: unknown, id = 1): Promise<unknown> => {
  client.send({ event: 'place', data, id, meta: { key } });
  for (;;) {
    const frame = await client.nextJson();
    if (frame['id'] === id) return placed(frame);
  }
};

/** What is published to the room comes in between. */
const answered = async (client: SessionClient, id: number): Promise<Record<string, unknown>> => {
  for (;;) {
    const frame = await client.next();
    if (frame['id'] === id) return frame;
  }
};

it('gives a repeat what was recorded, on another connection, and has no second effect', async () => {
  app = await OrdersApp.start(keys);
  expect(await place(await as('a'), { n: 1 }, 'k')).toEqual({ placed: 1 });
  expect(await place(await as('a'), { n: 2 }, 'k')).toEqual({ placed: 1 });
  expect(await app.database.effects()).toEqual([1]);
  expect(app.counts).toMatchObject({ 'transactions.repeats': 1 });
});

it.each([[null], ['text'], [{ a: [1, null, 'ü'] }], [0], [false]])('recalls the reply %j', async (reply) => {
  app = await OrdersApp.start(keys);
  expect(await place(await as('a'), { n: 1, reply }, 'k')).toEqual(reply ?? undefined);
  expect(await place(await as('a'), { n: 2 }, 'k')).toEqual(reply ?? undefined);
});

it('takes a key for the user who sends it, and an id for its session', async () => {
  app = await OrdersApp.start(keys);
  await place(await as('a'), { n: 1 }, 'k');
  await place(await as('b'), { n: 2 }, 'k');
  const headers = { headers: { 'x-api-key': 'a'.repeat(16) } };
  for (const n of [3, 4]) {
    const client = await SessionClient.open(app.nest.url, undefined, [], headers);
    client.send({ event: 'place', data: { n }, id: 1 });
    await answered(client, 1);
    await client.cut();
  }
  expect(await app.database.effects()).toEqual([1, 2, 3, 4]);
  expect(app.counts['transactions.unidentified']).toBeUndefined();
});

it('takes the id of a message in its session, whichever process it comes to', async () => {
  app = await OrdersApp.start();
  const client = await SessionClient.open(app.nest.url);
  // What a process remembers by itself it has not remembered after a restart: the same id as a message of its own.
  client.send({ event: 'place', data: { n: 1 }, id: 7 });
  await answered(client, 7);
  const [connection] = await app.server.connections();
  const { handled } = connection!.session!;
  handled.forget(handled.get(7)!);
  client.send({ event: 'place', data: { n: 2 }, id: 7 });
  expect(await answered(client, 7)).toEqual({ id: 7, data: { placed: 1 } });
  expect(await app.database.effects()).toEqual([1]);
  await client.cut();
});

it('handles what nothing tells from a repeat, and counts it', async () => {
  app = await OrdersApp.start();
  const client = await app.nest.connect();
  for (const n of [1, 2]) expect(placed(await client.ask('place', { n }, 1))).toEqual({ placed: n });
  expect(await app.database.effects()).toEqual([1, 2]);
  expect(app.counts).toMatchObject({ 'transactions.unidentified': 2 });
});

it.each([[''], [7], ['x'.repeat(257)], [null]])('refuses the key %j', async (key) => {
  app = await OrdersApp.start(keys);
  expect(await place(await as('a'), { n: 1 }, key)).toMatchObject({ code: 'BAD_REQUEST' });
  expect(await app.database.effects()).toEqual([]);
});

it('refuses a key that was used for another event', async () => {
  app = await OrdersApp.start(keys);
  const client = await as('a');
  await place(client, { n: 1 }, 'k');
  client.send({ event: 'other', id: 2, meta: { key: 'k' } });
  for (;;) {
    const frame = await client.nextJson();
    if (frame['id'] !== 2) continue;
    expect(frame['error']).toMatchObject({ code: 'CONFLICT' });
    break;
  }
});

it('leaves nothing of a transaction that was rolled back: the next attempt is a first', async () => {
  app = await OrdersApp.start(keys);
  const client = await as('a');
  expect(await place(client, { n: 1, ending: 'rollback' }, 'k')).toMatchObject({ code: 'INTERNAL' });
  expect(await place(client, { n: 2 }, 'k')).toEqual({ placed: 2 });
  expect(await app.database.effects()).toEqual([2]);
});

it('answers with what has been committed when something fails later', async () => {
  app = await OrdersApp.start(keys);
  const client = await as('a');
  expect(await place(client, { n: 1, ending: 'failed later' }, 'k')).toEqual({ placed: 1 });
  expect(await place(client, { n: 2 }, 'k')).toEqual({ placed: 1 });
  expect(await app.database.effects()).toEqual([1]);
});

it('answers with what was settled when the method returns nothing', async () => {
  app = await OrdersApp.start(keys);
  expect(await place(await as('a'), { n: 1, ending: 'returns nothing' }, 'k')).toEqual({ placed: 1 });
});

it('tells of a handler that does not settle, once, and counts it', async () => {
  app = await OrdersApp.start(keys);
  const client = await as('a');
  for (const n of [1, 2]) expect(await place(client, { n, ending: 'unsettled' }, 'k')).toEqual({ placed: n });
  expect(app.counts).toMatchObject({ 'transactions.unsettled': 2 });
  expect(app.logged.filter((line) => line.includes('settlement.settle()'))).toEqual([
    expect.stringContaining('Orders.place'),
  ]);
});

it('lets a repeat that comes meanwhile wait for the first', async () => {
  let go!: () => void;
  const gone = new Promise<void>((resolve) => (go = resolve));
  const entered: number[] = [];
  app = await OrdersApp.start(keys, {}, ({ n }) => {
    entered.push(n);
    return n === 1 ? gone : undefined;
  });
  const [first, second] = [await as('a'), await as('a')];
  const both = [place(first, { n: 1 }, 'k'), place(second, { n: 2 }, 'k')];
  while (entered.length === 0) await new Promise((resolve) => setImmediate(resolve));
  go();
  expect(await Promise.all(both)).toEqual([{ placed: 1 }, { placed: 1 }]);
  expect(entered).toEqual([1]);
});

it.each([[undefined], ['swallows' as const]])(
  'rolls back when another process was faster, and gives what that has recorded (%s)',
  async (ending) => {
    const rival: { app?: OrdersApp } = {};
    app = await OrdersApp.start(keys, {}, async () => {
      const there = await rival.app!.nest.connect('/', 'gatewire.v1.json', {
        headers: { 'x-api-key': 'a'.repeat(16) },
      });
      expect(await place(there, { n: 9 }, 'k')).toEqual({ placed: 9 });
    });
    rival.app = await OrdersApp.start(keys, {}, undefined, await TypeOrmDatabase.open(app.database.file));
    expect(await place(await as('a'), { n: 1, ending }, 'k')).toEqual({ placed: 9 });
    expect(await app.database.effects()).toEqual([9]);
    expect(app.counts).toMatchObject({ 'transactions.recalled': 1 });
    await rival.app.stop();
  },
);

it('handles nothing while it cannot find out', async () => {
  app = await OrdersApp.start(keys);
  await app.database.dataSource.query('ALTER TABLE gatewire_outcomes RENAME TO elsewhere');
  expect(await place(await as('a'), { n: 1 }, 'k')).toMatchObject({ code: 'UNAVAILABLE' });
  expect(await app.database.effects()).toEqual([]);
  expect(app.counts['transactions.store-failed']).toBe(1);
  await app.database.dataSource.query('ALTER TABLE elsewhere RENAME TO gatewire_outcomes');
});

it('does not start without a store', async () => {
  app = await OrdersApp.start();
  @WebSocketGateway()
  class Alone {
    @RecordOutcome('transaction')
    @SubscribeMessage('a')
    a(): void {}
  }
  await expect(NestApp.start({ providers: [Alone] })).rejects.toThrow('Alone.a');
  await expect(
    NestApp.start({ options: { transactions: { store: {} as never } }, providers: [] }),
  ).rejects.toThrow('transactions.store');
});
