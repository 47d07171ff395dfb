import { OptionError } from '../../lib/primitives/option-error.js';
import { TransactionalOutbox } from '../../lib/delivery/transactional-outbox.js';
import type { GatewireOptions } from '../../lib/nest/gatewire.options.js';
import { apiKey } from '../../lib/pipeline/stages/authentication/api-key.strategy.js';
import type { MessageLog } from '../../lib/store/message-log.js';
import { MemoryMessageLog } from '../../lib/store/memory/memory-message-log.js';
import { NestApp } from '../nest/nest-app.js';
import { SessionClient } from '../support/session-client.js';
import type { TestClient } from '../support/test-client.js';
import { OrdersApp } from './orders-app.js';
import { TypeOrmDatabase } from './typeorm-database.js';

class FailingLog extends MemoryMessageLog {
  isDown = false;

  override append(...args: Parameters<MemoryMessageLog['append']>): ReturnType<MemoryMessageLog['append']> {
    if (this.isDown) throw new Error('down');
    return super.append(...args);
  }
}

/** Keeps its second message to itself until it is told otherwise. */
class HoldingLog implements MessageLog {
  readonly holds: Promise<void>;
  release!: () => void;
  readonly #log = new MemoryMessageLog();
  readonly #released = new Promise<void>((resolve) => (this.release = resolve));
  #held!: () => void;
  #count = 0;

  constructor() {
    this.holds = new Promise((resolve) => (this.#held = resolve));
  }

  append(...args: Parameters<MessageLog['append']>): ReturnType<MessageLog['append']> {
    if (++this.#count !== 2) return this.#log.append(...args);
    this.#held();
    return this.#released.then(() => this.#log.append(...args));
  }

  read(...args: Parameters<MessageLog['read']>): ReturnType<MessageLog['read']> {
    return this.#log.read(...args);
  }

  remove(log: string): void {
    this.#log.remove(log);
  }
}

const apps: OrdersApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0).reverse()) await app.stop();
});

/** Polls so seldom that a test would not see it. */
const never = { pollMs: 3_600_000 };

async function start(
  transactions: Parameters<typeof OrdersApp.start>[1] = never,
  options: Partial<GatewireOptions> = {},
  file?: string,
): Promise<OrdersApp> {
  const app = await OrdersApp.start(
    options,
    transactions,
    undefined,
    file === undefined ? undefined : await TypeOrmDatabase.open(file),
  );
  apps.push(app);
  return app;
}

async function left(app: OrdersApp): Promise<number> {
  const rows = await app.database.dataSource.query<[{ n: number }]>(
    'SELECT COUNT(*) AS n FROM gatewire_outbox',
  );
  return rows[0].n;
}

const emitMany = (app: OrdersApp, numbers: readonly number[]): Promise<void> =>
  app.database.transaction(async (tx) => {
    for (const n of numbers) await app.outbox.emit(tx, { room: 'orders' }, 'n', n);
  });

const data = async (client: TestClient, count: number): Promise<unknown[]> => {
  const all: unknown[] = [];
  while (all.length < count) all.push((await client.nextJson())['data']);
  return all;
};

it('sends what a transaction has written when that has committed, under the id of the emit, and removes it', async () => {
  const app = await start();
  const client = await app.nest.connect();
  const id = await app.database.transaction(async (tx) => {
    const written = await app.outbox.emit(tx, { room: 'orders' }, 'a', { b: 'ü' }, { meta: { trace: 't' } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.unread).toEqual([]);
    return written;
  });
  await app.outbox.flush();
  expect(await client.nextJson()).toEqual({
    ...{ event: 'a', data: { b: 'ü' }, room: 'orders' },
    meta: { key: id, trace: 't' },
  });
  expect(await left(app)).toBe(0);
});

it('sends nothing of a transaction that was rolled back', async () => {
  const app = await start();
  const client = await app.nest.connect();
  const undone = app.database.transaction(async (tx) => {
    await app.outbox.emit(tx, { room: 'orders' }, 'lost');
    throw new Error('undo');
  });
  await expect(undone).rejects.toThrow('undo');
  await emitMany(app, [1]);
  await app.outbox.flush();
  expect(await data(client, 1)).toEqual([1]);
});

it('keeps the order of many, in batches', async () => {
  const app = await start({ ...never, batch: 7 });
  const client = await app.nest.connect();
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  for (const from of [0, 20]) await emitMany(app, numbers.slice(from, from === 0 ? 20 : 50));
  await Promise.all([app.outbox.flush(), app.outbox.flush()]);
  expect(await data(client, 50)).toEqual(numbers);
  expect(app.counts).toMatchObject({ 'outbox.sent': 50 });
});

it('looks by itself where nobody tells', async () => {
  const app = await start({ pollMs: 10 });
  const client = await app.nest.connect();
  await emitMany(app, [1]);
  expect(await data(client, 1)).toEqual([1]);
});

it('reaches all connections of a user, the client of a session, and with bytes', async () => {
  const keys = { ada: 'a'.repeat(16), bob: 'b'.repeat(16) };
  const app = await start(never, { authenticate: [apiKey({ keys })] });
  const as = (key: string) =>
    SessionClient.open(app.nest.url, undefined, [], { headers: { 'x-api-key': key } });
  const [ada, bob] = [await as(keys.ada), await as(keys.bob)];
  await app.database.transaction(async (tx) => {
    await app.outbox.emit(tx, { user: 'ada' }, 'user', 1);
    await app.outbox.emit(tx, { session: bob.welcome.session }, 'session', 2);
    await app.outbox.emit(tx, { room: 'orders' }, 'bytes', { b: Buffer.from([0, 255]) });
  });
  await app.outbox.flush();
  expect([await ada.next(), await bob.next()]).toMatchObject([
    { event: 'user', data: 1 },
    { event: 'session', data: 2 },
  ]);
  expect([...((await ada.client.next()) as Buffer).subarray(-2)]).toEqual([0, 255]);
  for (const one of [ada, bob]) await one.cut();
});

it('publishes to a room with history, which remembers it once', async () => {
  const app = await start(never, { history: { rooms: { orders: { count: 10 } } } });
  await emitMany(app, [1, 2]);
  await app.outbox.flush();
  const { messages } = await app.server.history('orders').read();
  expect(messages.map((message) => message.data)).toEqual([1, 2]);
});

it('leaves to the process that wrote it what it can still send, and takes over what it has not', async () => {
  const first = await start({ ...never, leaseMs: 60_000 });
  const second = await start({ ...never, leaseMs: 60_000 }, {}, first.database.file);
  const client = await second.nest.connect();
  await emitMany(first, [1]);
  await second.outbox.flush();
  expect(await left(first)).toBe(1);
  // It has been too long.
  await first.database.dataSource.query('UPDATE gatewire_outbox SET lease_until = 1');
  await second.outbox.flush();
  expect(await data(client, 1)).toEqual([1]);
  await first.outbox.flush();
  expect(first.counts['outbox.sent']).toBeUndefined();
});

it('sends once what it could not remove, and goes on when the database does', async () => {
  const app = await start({ pollMs: 10 });
  const client = await app.nest.connect();
  const { dataSource } = app.database;
  await dataSource.query(
    "CREATE TRIGGER stuck BEFORE DELETE ON gatewire_outbox BEGIN SELECT RAISE(ABORT, 'stuck'); END",
  );
  await emitMany(app, [1]);
  expect(await data(client, 1)).toEqual([1]);
  await expect(app.outbox.flush()).rejects.toThrow('stuck');
  await expect(app.outbox.flush()).rejects.toThrow('stuck');
  await dataSource.query('DROP TRIGGER stuck');
  await emitMany(app, [2]);
  await app.outbox.flush();
  expect(await data(client, 1)).toEqual([2]);
  expect(client.unread).toEqual([]);
  expect(await left(app)).toBe(0);
  expect(app.counts['outbox.failed']).toBeGreaterThanOrEqual(2);
});

it('removes what it has sent while the rest is on its way: a process that dies repeats little', async () => {
  const log = new HoldingLog();
  const app = await start(never, { history: { rooms: { orders: { count: 10 } }, log } });
  await emitMany(app, [1, 2, 3]);
  const flushed = app.outbox.flush();
  await log.holds;
  expect(await app.database.transaction(() => left(app))).toBe(2);
  log.release();
  await flushed;
  expect(await left(app)).toBe(0);
});

it('does not let what cannot be sent hold up the rest', async () => {
  const app = await start();
  const client = await app.nest.connect();
  await app.database.transaction(async (tx) => {
    for (const [id, body] of [
      ['x', 'no line'],
      ['y', '{"target":null}\n{"event":"a"}'],
    ] as const)
      // prettier-ignore
      await app.database.store.insertEmit(tx, { id, body, at: 1 }, 'gone', 0);
    await app.outbox.emit(tx, { room: 'orders' }, 'n', 3);
  });
  await app.outbox.flush();
  expect(await data(client, 1)).toEqual([3]);
  expect(app.counts).toMatchObject({ 'outbox.unsendable': 2, 'outbox.sent': 1 });
  expect(await left(app)).toBe(0);
});

it('keeps what the history of a room does not take, and tries again', async () => {
  const log = new FailingLog();
  const app = await start(never, { history: { rooms: { orders: { count: 10 } }, log } });
  log.isDown = true;
  await emitMany(app, [1, 2]);
  await expect(app.outbox.flush()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await left(app)).toBe(2);
  log.isDown = false;
  await app.outbox.flush();
  expect((await app.server.history('orders').read()).messages.map((message) => message.data)).toEqual([1, 2]);
});

it('sends what is left when the application closes', async () => {
  const app = await start();
  const client = await app.nest.connect();
  await emitMany(app, [1]);
  const heard = data(client, 1);
  await app.nest.app.close();
  expect(await heard).toEqual([1]);
  expect(await left(app)).toBe(0);
});

it('refuses data that cannot be kept, and emits without a store', async () => {
  const app = await start();
  await expect(emitMany(app, [1n as never])).rejects.toThrow(TypeError);
  const bare = await NestApp.start({ providers: [] });
  const outbox = bare.app.get(TransactionalOutbox);
  await expect(outbox.emit({}, { room: 'a' }, 'b')).rejects.toThrow(OptionError);
  await bare.stop();
});

it.each([
  ['pollMs', 9],
  ['leaseMs', Infinity],
  ['batch', 0],
  ['retentionMs', 1],
  ['node', 'a b'],
])('refuses transactions.%s: %j', async (name, value) => {
  const app = await start();
  const options = { transactions: { store: app.database.store, [name]: value } };
  await expect(NestApp.start({ options, providers: [] })).rejects.toThrow(`transactions.${name}`);
});
