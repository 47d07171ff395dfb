import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { openSqlite } from '../../lib/store/sqlite/sqlite-driver.js';
import { SqliteMessageLog } from '../../lib/store/sqlite/sqlite-message-log.js';
import type { SqliteMessageLogOptions } from '../../lib/store/sqlite/sqlite-message-log.options.js';
import { mortalProgram } from './support/mortal-program.js';
import { all, everything, StoreFiles } from './support/store-files.js';

let files: StoreFiles;
beforeEach(() => void (files = new StoreFiles()));
afterEach(() => files.remove());

const append = (store: SqliteMessageLog, body: string, log = 'a') => store.append(log, { body }, all);
const commits = () => Number(readFileSync(`${files.file}-mark`, 'latin1').trim().split(' ')[1]);
const fault = (name: string) => expect.objectContaining({ name: 'StoreError', fault: name });

it('is there again, in its epoch and place, after it was closed', async () => {
  const first = files.store();
  const { epoch } = await append(first, '1');
  await first.close();
  const second = files.store();
  expect(await append(second, '2')).toEqual({ epoch, offset: 2 });
  expect((await second.read('a', everything)).entries.map(({ body }) => body)).toEqual(['1', '2']);
});

it('commits together what comes together', async () => {
  const store = files.store();
  await append(store, 'first');
  const before = commits();
  await Promise.all(Array.from({ length: 500 }, (_, i) => append(store, String(i))));
  expect(commits() - before).toBeLessThan(50);
});

it('finishes what was begun when it is closed, and does nothing after that', async () => {
  const store = files.store();
  const pending = Promise.all(Array.from({ length: 100 }, (_, i) => append(store, String(i))));
  const closing = store.close();
  await expect(append(store, 'late')).rejects.toEqual(fault('closed'));
  await expect(store.read('a', everything)).rejects.toEqual(fault('closed'));
  expect((await pending).at(-1)?.offset).toBe(100);
  await closing;
  await store.close();
  expect((await files.store().read('a', everything)).offset).toBe(100);
});

describe('a queue that is full', () => {
  it('refuses one more than it may hold, and takes it when there is room', async () => {
    const store = files.store({ queued: 10 });
    const pending = Array.from({ length: 10 }, (_, i) => append(store, String(i)));
    expect(store.queued).toBe(10);
    await expect(append(store, 'more')).rejects.toEqual(fault('overloaded'));
    await expect(store.read('a', everything)).rejects.toEqual(fault('overloaded'));
    await Promise.all(pending);
    expect(store.queued).toBe(0);
    expect((await append(store, 'more')).offset).toBe(11);
  });

  it('counts bytes of bodies and keys, and takes one message of any size', async () => {
    const store = files.store({ queuedBytes: 100 });
    const pending = [append(store, 'x'.repeat(60)), append(store, 'x'.repeat(40))];
    expect(store.queuedBytes).toBe(100);
    await expect(append(store, 'x')).rejects.toEqual(fault('overloaded'));
    await Promise.all(pending);
    expect((await append(store, 'x'.repeat(1_000))).offset).toBe(3);
    expect(store.queuedBytes).toBe(0);
  });
});

describe('a disk that is full', () => {
  it('refuses what it has no room for, keeps what it has confirmed, and goes on when there is room', async () => {
    const store = files.store({ maxFileBytes: 300_000 });
    let confirmed = 0;
    let epoch = '';
    let refused: unknown;
    while (refused === undefined) {
      const batch = await Promise.allSettled(
        Array.from({ length: 5 }, () => append(store, 'x'.repeat(4_000))),
      );
      for (const one of batch) {
        if (one.status === 'rejected') refused = one.reason;
        else [confirmed, epoch] = [one.value.offset, one.value.epoch];
      }
    }
    expect(refused).toEqual(fault('full'));
    const page = await store.read('a', everything);
    expect(page).toMatchObject({ epoch, offset: confirmed, isWhole: true, entries: { length: confirmed } });
    await store.remove('a');
    const again = await append(store, 'x'.repeat(4_000));
    expect(again.offset).toBe(1);
    expect(again.epoch).not.toBe(epoch);
  });

  it('answers who only reads together with what is refused', async () => {
    const store = files.store({ maxFileBytes: 100_000 });
    await append(store, 'kept');
    const [refused, read] = await Promise.allSettled([
      append(store, 'x'.repeat(500_000)),
      store.read('a', everything),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { fault: 'full' } });
    expect(read).toMatchObject({ status: 'fulfilled', value: { offset: 1, entries: [{ body: 'kept' }] } });
  });
});

describe('a thread that dies', () => {
  const mortal = () => mortalProgram(files.folder, 'log-worker.js', 'log', 'die');

  it('fails those that wait, changes every epoch since nobody knows what was done, and another takes its place', async () => {
    const losses: Error[] = [];
    const store = files.store({ worker: mortal(), onLoss: (error) => losses.push(error) });
    const { epoch } = await append(store, '1');
    const waiting = [append(store, 'x', 'die'), append(store, '2'), store.read('a', everything)];
    for (const one of await Promise.allSettled(waiting)) {
      expect(one).toMatchObject({
        status: 'rejected',
        reason: { fault: 'unavailable', message: expect.stringContaining('died') },
      });
    }
    const page = await store.read('a', everything);
    expect(page.epoch).not.toBe(epoch);
    expect(page.entries[0]?.body).toBe('1');
    expect(losses).toEqual([fault('lost')]);
    expect(store.queued).toBe(0);
    expect((await append(store, '3')).epoch).toBe(page.epoch);
  });

  it('changes nothing when it was only read from', async () => {
    const store = files.store({ worker: mortal() });
    const position = await append(store, '1');
    await expect(store.read('die', everything)).rejects.toEqual(fault('unavailable'));
    expect(await store.read('a', everything)).toMatchObject(position);
  });

  it('is told of when it cannot even start', async () => {
    const store = files.store({ worker: join(files.folder, 'none.js') });
    await expect(store.ready()).rejects.toEqual(fault('unavailable'));
    await expect(append(store, 'x')).rejects.toEqual(fault('unavailable'));
    await store.close();
  });
});

describe('two that have the file open', () => {
  it('number a log together, and each sees what the other has written', async () => {
    const [one, other] = [files.store(), files.store()];
    const positions = await Promise.all(
      Array.from({ length: 200 }, (_, i) => append(i % 2 === 0 ? one : other, String(i))),
    );
    expect(positions.map(({ offset }) => offset).sort((a, b) => a - b)).toEqual(
      positions.map((_, i) => i + 1),
    );
    expect(new Set(positions.map(({ epoch }) => epoch)).size).toBe(1);
    expect(await one.read('a', everything)).toEqual(await other.read('a', everything));
    await one.remove('a');
    expect((await append(other, 'new')).offset).toBe(1);
  });

  it('wait for each other, but not for ever', async () => {
    const store = files.store({ busyMs: 50 });
    await append(store, '1');
    const other = await openSqlite(files.file, undefined);
    other.exec('BEGIN IMMEDIATE');
    await expect(append(store, '2')).rejects.toEqual(fault('locked'));
    other.exec('COMMIT');
    other.close();
    expect((await append(store, '2')).offset).toBe(2);
  });
});

describe('what is kept', () => {
  it('is bounded in logs: the one that was appended to longest ago goes first, and comes again in another epoch', async () => {
    const store = files.store({ logs: 3 });
    const { epoch } = await append(store, '1', 'a');
    for (const log of ['b', 'c']) await append(store, '1', log);
    await append(store, '2', 'a');
    await append(store, '1', 'd');
    expect(await store.read('a', everything)).toMatchObject({ epoch, offset: 2 });
    expect(await store.read('b', everything)).toMatchObject({ offset: 0, entries: [] });
    expect((await append(store, '1', 'b')).epoch).not.toBe(epoch);
    expect(
      (await Promise.all(['e', 'f', 'g', 'h'].map((log) => append(store, '1', log)))).map(
        ({ offset }) => offset,
      ),
    ).toEqual([1, 1, 1, 1]);
  });

  it('is compressed from a size on, where that makes it smaller', async () => {
    const plain = files.store();
    for (let i = 0; i < 50; i++) await append(plain, 'a text that comes again '.repeat(500));
    await plain.close();
    const before = statSync(files.file).size;
    const small = files.store({ file: `${files.file}-2`, compression: { thresholdBytes: 1_000 } });
    for (let i = 0; i < 50; i++) await append(small, 'a text that comes again '.repeat(500));
    await small.close();
    expect(statSync(`${files.file}-2`).size).toBeLessThan(before / 5);
  });

  it('goes when it is too old, from logs too that nobody uses', async () => {
    let now = 1_000;
    const store = files.store({ now: () => now });
    const aged = { ...all, ageMs: 1_000 };
    for (const log of ['a', 'b', 'c']) await store.append(log, { body: 'x' }, aged);
    now = 2_001;
    for (let i = 0; i < 6; i++) await append(store, 'x', 'busy');
    await store.close();
    const db = await openSqlite(files.file, undefined);
    expect(db.prepare('SELECT count(*) AS count FROM messages').get()).toMatchObject({ count: 6 });
    db.close();
  });
});

describe('options', () => {
  it.each<[string, Partial<SqliteMessageLogOptions>]>([
    ['file', { file: '' }],
    ['file', { file: ':memory:' }],
    ['durability', { durability: 'off' as never }],
    ['driver', { driver: 'sqlite3' as never }],
    ['logs', { logs: 0 }],
    ['queued', { queued: 0 }],
    ['queuedBytes', { queuedBytes: -1 }],
    ['maxFileBytes', { maxFileBytes: 1 }],
    ['busyMs', { busyMs: 0.5 }],
    ['compression.thresholdBytes', { compression: { thresholdBytes: -1 } }],
  ])('refuses %s: %p', (option, options) => {
    expect(() => new SqliteMessageLog({ file: files.file, ...options })).toThrow(option);
  });

  it('says what to install when the driver is not there', async () => {
    const store = files.store({ driver: 'better-sqlite3' });
    await expect(store.ready()).rejects.toMatchObject({
      name: 'OptionError',
      message: expect.stringContaining('npm install libsql'),
    });
    await store.close();
  });
});
