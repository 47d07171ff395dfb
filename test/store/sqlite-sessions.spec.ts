import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { SessionChange, SettledMessage } from '../../lib/store/session-store.js';
import { openSqlite } from '../../lib/store/sqlite/sqlite-driver.js';
import { SqliteSessionStore } from '../../lib/store/sqlite/sqlite-session-store.js';
import type { SqliteSessionStoreOptions } from '../../lib/store/sqlite/sqlite-session-store.options.js';
import { NaiveSessionStore } from '../contract/naive-session-store.js';
import { expectKept } from '../contract/session-expectations.js';
import { mortalProgram } from './support/mortal-program.js';
import { recordOf, SessionFiles } from './support/session-files.js';

let files: SessionFiles;
beforeEach(() => void (files = new SessionFiles()));
afterEach(() => files.remove());

const begin = (store: SqliteSessionStore, id: string, remembers = 100) =>
  store.write(id, 'me', { begin: recordOf(id, { remembers }) });
const sent = (first: number, bytes = 1) => [{ first, count: 1, frames: Buffer.alloc(bytes, 'x') }];
const commits = () => Number(readFileSync(`${files.file}-mark`, 'latin1').trim().split(' ')[1]);
const fault = (name: string): unknown => expect.objectContaining({ name: 'StoreError', fault: name });

it('commits together what comes together', async () => {
  const store = files.store();
  await begin(store, 'a');
  const before = commits();
  await Promise.all(Array.from({ length: 500 }, (_, i) => store.write('a', 'me', { sent: sent(i + 1) })));
  expect(commits() - before).toBeLessThan(50);
});

it('finishes what was begun when it is closed, and does nothing after that', async () => {
  const store = files.store();
  const pending = [begin(store, 'a'), ...[1, 2, 3].map((last) => store.write('a', 'me', { last }))];
  const closing = store.close();
  await expect(store.write('a', 'me', { last: 9 })).rejects.toEqual(fault('closed'));
  await expect(store.adopt('you')).rejects.toEqual(fault('closed'));
  await Promise.all([...pending, closing, store.close()]);
  expect(await files.store().adopt('you')).toMatchObject([{ last: 3 }]);
});

it('refuses more than may wait, and takes it when there is room', async () => {
  const store = files.store({ queued: 3, queuedBytes: 3_000 });
  const pending = [begin(store, 'a'), store.write('a', 'me', { sent: sent(1, 2_000) })];
  expect(store.queued).toBe(2);
  expect(store.queuedBytes).toBeGreaterThan(2_000);
  await expect(store.write('a', 'me', { sent: sent(2, 2_000) })).rejects.toEqual(fault('overloaded'));
  pending.push(store.write('a', 'me', { last: 2 }));
  await expect(store.write('a', 'me', {})).rejects.toEqual(fault('overloaded'));
  await Promise.all(pending);
  expect([store.queued, store.queuedBytes]).toEqual([0, 0]);
  // One alone may be larger.
  await store.write('a', 'me', { sent: sent(3, 10_000) });
});

it('rejects an outcome that cannot be written as JSON, and does nothing of its change', async () => {
  const store = files.store();
  await begin(store, 'a');
  const outcome = { event: 'e', kind: 'error' as const, code: 'NO', message: 'no', details: 1n };
  await expect(store.write('a', 'me', { last: 1, settled: [{ id: 1, outcome }] })).rejects.toThrow(TypeError);
  expect(await store.claim('a', 'hash of a', 'me')).toMatchObject({ last: 0, settled: [] });
});

it('refuses one session more than it may keep, until one is over', async () => {
  const store = files.store({ sessions: 2 });
  await Promise.all([begin(store, 'a'), begin(store, 'b')]);
  await expect(begin(store, 'c')).rejects.toEqual(fault('full'));
  await store.write('a', 'me', { last: 1 });
  await store.write('b', 'me', { end: true });
  await begin(store, 'c');
  await store.close();
  const again = files.store({ sessions: 1 });
  expect(await again.adopt('you')).toHaveLength(2);
  await expect(begin(again, 'd')).rejects.toEqual(fault('full'));
});

it('hands over more sessions than fit into one answer', async () => {
  const store = files.store();
  const ids = Array.from({ length: 30 }, (_, i) => `s${i}`);
  await Promise.all(ids.map((id) => store.write(id, 'me', { begin: recordOf(id), sent: sent(1, 500_000) })));
  const adopted = await store.adopt('you');
  expect(adopted.map(({ record }) => record.id).sort()).toEqual(ids.sort());
  expect(adopted.every(({ sent: [first] }) => first?.frames.length === 500_000)).toBe(true);
}, 30_000);

it('lets go in the file of what is not needed, together, and remembers that it has to', async () => {
  const rounds = 15;
  let number = 0;
  for (const life of [1, 2]) {
    const store = files.store();
    if (life === 1) await begin(store, 'a', 10);
    else await store.claim('a', 'hash of a', 'me');
    for (let round = 1; round <= rounds; round++) {
      const id = `${life} ${round}`;
      void begin(store, id);
      for (let i = 1; i <= 100; i++) {
        const settled = [{ id: ++number, outcome: { event: 'e', kind: 'done' as const } }];
        void store.write('a', 'me', { sent: sent(number), settled, forget: number - 3 });
        void store.write(id, 'me', { sent: sent(i), settled });
      }
      await store.write(id, 'me', { end: true });
    }
    await store.close();
  }
  const db = await openSqlite(files.file, undefined);
  const count = (table: string) =>
    (db.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { count: number }).count;
  expect(count('sessions')).toBe(1);
  // Of 6,000: a quarter of a megabyte, and what is about to go.
  expect(count('steps')).toBeLessThan(4_000);
  expect(count('settled')).toBeLessThan(50);
  db.close();
  const [kept] = await files.store().adopt('you');
  expect(kept).toMatchObject({ last: number, forgotten: number - 3, sent: { length: 3 } });
  expect(kept?.settled.slice(-10).map(({ id }) => id)).toEqual(
    Array.from({ length: 10 }, (_, i) => number - 9 + i),
  );
}, 60_000);

it('knows the latest outcome of each message, wherever the earlier ones lie, whenever it is opened again', async () => {
  const model = new NaiveSessionStore();
  let sessions = await files.sessions();
  const write = (change: SessionChange) => {
    model.write('a', 'me', change);
    sessions.write('a', 'me', change);
  };
  write({ begin: recordOf('a', { remembers: 60 }) });
  for (let i = 1; i <= 600; i++) {
    // It runs, is done some time later, and what was sent meanwhile is needed for long.
    const settled: SettledMessage[] = [{ id: i, outcome: { event: 'e', kind: 'running' } }];
    if (i > 20) settled.push({ id: i - 20, outcome: { event: 'e', kind: 'value', json: `${i}` } });
    write({ ...(i % 3 !== 0 && { sent: sent(i) }), settled, ...(i % 50 === 0 && { forget: i - 45 }) });
    if (i % 29 !== 0) continue;
    sessions.close();
    sessions = await files.sessions();
    const expected = model.claim('a', 'hash of a', 'me')!;
    expectKept(sessions.claim('a', 'hash of a', 'me'), expected);
  }
  sessions.close();
}, 30_000);

it('refuses what a full disk has no room for, keeps what it has confirmed, and goes on when there is room', async () => {
  const store = files.store({ maxFileBytes: 300_000 });
  await Promise.all([begin(store, 'a'), begin(store, 'b')]);
  let confirmed = 0;
  let refused: unknown;
  for (let i = 1; refused === undefined; i++) {
    await store.write('a', 'me', { sent: sent(i, 4_000), rooms: [`${i}`] }).then(
      () => (confirmed = i),
      (error: unknown) => (refused = error),
    );
  }
  expect(refused).toEqual(fault('full'));
  const kept = await store.claim('a', 'hash of a', 'me');
  expect(kept).toMatchObject({ last: confirmed, rooms: [`${confirmed}`], sent: { length: confirmed } });
  await store.write('a', 'me', { end: true });
  await store.write('b', 'me', { sent: sent(1, 4_000) });
  await store.close();
  expect(await files.store().adopt('you')).toMatchObject([{ record: { id: 'b' }, last: 1 }]);
}, 30_000);

describe('a thread that dies', () => {
  const mortal = () => mortalProgram(files.folder, 'session-worker.js', 'name', '"die"');

  it('fails those that wait; another takes its place, and has all that was confirmed and who owns it', async () => {
    const losses: Error[] = [];
    const store = files.store({ worker: mortal(), onLoss: (error) => losses.push(error) });
    await begin(store, 'a');
    await store.write('a', 'me', { sent: sent(1) });
    const waiting = [store.write('a', 'me', { last: 2 }), begin(store, 'die'), store.adopt('you')];
    for (const one of await Promise.allSettled(waiting)) {
      expect(one).toMatchObject({ status: 'rejected', reason: { fault: 'unavailable' } });
    }
    await store.write('a', 'me', { last: 3 });
    expect(await store.claim('a', 'hash of a', 'me')).toMatchObject({ last: 3, sent: { length: 1 } });
    expect(losses).toEqual([]);
    expect(store.queued).toBe(0);
  });

  it('is told of when it cannot even start', async () => {
    const store = files.store({ worker: join(files.folder, 'none.js') });
    await expect(store.ready()).rejects.toEqual(fault('unavailable'));
    await store.close();
  });
});

describe('options', () => {
  it.each<[string, Partial<SqliteSessionStoreOptions>]>([
    ['file', { file: '' }],
    ['durability', { durability: 'off' as never }],
    ['driver', { driver: 'sqlite3' as never }],
    ['sessions', { sessions: 0 }],
    ['queued', { queued: 0 }],
    ['queuedBytes', { queuedBytes: -1 }],
    ['maxFileBytes', { maxFileBytes: 1 }],
    ['busyMs', { busyMs: 0.5 }],
  ])('refuses %s: %p', (option, options) => {
    expect(() => new SqliteSessionStore({ file: files.file, ...options })).toThrow(option);
  });

  it('says what to install when the driver is not there', async () => {
    const store = files.store({ driver: 'better-sqlite3' });
    await expect(store.ready()).rejects.toMatchObject({
      name: 'OptionError',
      message: expect.stringContaining('npm install libsql'),
    });
  });
});
