import type { TestClient } from '../../support/test-client.js';
import { PrismaApp } from './prisma-app.js';

const apps: PrismaApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0).reverse()) await app.stop();
});

async function start(file?: string): Promise<PrismaApp> {
  const app = await PrismaApp.start(file);
  apps.push(app);
  return app;
}

/** What the room hears comes in between. */
async function answer(client: TestClient, id: number): Promise<unknown> {
  for (;;) {
    const frame = await client.nextJson();
    if (frame['id'] === id) return frame['data'] ?? frame['error'];
  }
}

function place(client: TestClient, data: unknown, key: string, id = 1): Promise<unknown> {
  client.send({ event: 'order.place', data, id, meta: { key } });
  return answer(client, id);
}

async function heard(client: TestClient, count: number): Promise<unknown[]> {
  const all: unknown[] = [];
  while (all.length < count) all.push((await client.nextJson())['data']);
  return all;
}

it('gives a repeat what was recorded, and has one effect and one emit', async () => {
  const app = await start();
  const listener = await app.connect();
  expect(await place(await app.connect(), { item: 'tea' }, 'k')).toEqual({ number: 1 });
  expect(await place(await app.connect(), { item: 'coffee' }, 'k')).toEqual({ number: 1 });
  expect(await place(await app.connect(), { item: 'milk' }, 'l')).toEqual({ number: 2 });
  expect(await heard(listener, 2)).toEqual([
    { number: 1, item: 'tea' },
    { number: 2, item: 'milk' },
  ]);
  expect(await app.database.items()).toEqual(['tea', 'milk']);
  expect(app.counts).toMatchObject({ 'transactions.repeats': 1 });
});

it('leaves nothing of a transaction that was rolled back: the next attempt is a first', async () => {
  const app = await start();
  const [client, listener] = [await app.connect(), await app.connect()];
  app.interlude.after = () => Promise.reject(new Error('no stock'));
  expect(await place(client, { item: 'tea' }, 'k')).toMatchObject({ code: 'INTERNAL' });
  expect([await app.database.count(), await app.database.waiting()]).toEqual([0, 0]);
  delete app.interlude.after;
  expect(await place(client, { item: 'milk' }, 'k')).toMatchObject({ number: expect.any(Number) });
  expect(await heard(listener, 1)).toMatchObject([{ item: 'milk' }]);
});

it('leaves nothing of what Prisma refuses', async () => {
  const app = await start();
  const client = await app.connect();
  expect(await place(client, { item: 7 }, 'k')).toMatchObject({ code: 'INTERNAL' });
  expect(await place(client, { item: 'tea' }, 'k')).toEqual({ number: 1 });
});

it('rolls back when another process was faster, and gives what that has recorded', async () => {
  const app = await start();
  const rival = await start(app.database.file);
  app.interlude.before = async () => {
    expect(await place(await rival.connect(), { item: 'faster' }, 'k')).toEqual({ number: 1 });
  };
  expect(await place(await app.connect(), { item: 'slower' }, 'k')).toEqual({ number: 1 });
  expect(await app.database.items()).toEqual(['faster']);
  expect(app.counts).toMatchObject({ 'transactions.recalled': 1 });
});

it('handles many at once, each once, and sends their emits in the order of their numbers', async () => {
  const app = await start();
  const [client, listener] = [await app.connect(), await app.connect()];
  const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
  for (const [n, key] of [...keys, ...keys].entries())
    client.send({ event: 'order.place', data: { item: key }, id: n + 1, meta: { key } });
  const orders = (await heard(listener, 20)) as { number: number; item: string }[];
  expect(orders.map(({ number }) => number)).toEqual(keys.map((_, n) => n + 1));
  expect(orders.map(({ item }) => item).sort()).toEqual([...keys].sort());
  expect(await app.database.count()).toBe(20);
});

it('sends by and by what was written outside of a handler', async () => {
  const app = await start();
  const client = await app.connect();
  await app.database.transaction((tx) => app.outbox.emit(tx, { room: 'orders' }, 'late', { at: Date.now() }));
  expect(await client.nextJson()).toMatchObject({ event: 'late' });
  while ((await app.database.waiting()) > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(app.counts).toMatchObject({ 'outbox.sent': 1 });
});
