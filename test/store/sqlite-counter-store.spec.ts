import type { CounterRule } from '../../lib/store/counter-store.js';
import { openSqlite } from '../../lib/store/sqlite/sqlite-driver.js';
import type { SqliteCounterStore } from '../../lib/store/sqlite/sqlite-counter-store.js';
import { counterStoreContract } from '../contract/counter-store.contract.js';
import { CounterFiles } from './support/counter-files.js';

counterStoreContract({
  name: 'SQLite',
  create: () => {
    const files = new CounterFiles();
    let now = 1_700_000_000_000;
    return Promise.resolve({
      store: files.store({ now: () => now }),
      pass: (ms) => {
        now += ms;
        return Promise.resolve();
      },
      close: () => files.remove(),
    });
  },
});

describe('SqliteCounterStore', () => {
  const rule: CounterRule = {
    algorithm: 'sliding-window',
    perMs: 1_000,
    messages: 2,
    bytes: Infinity,
    burstMessages: 2,
    burstBytes: Infinity,
  };
  const bucket: CounterRule = { ...rule, algorithm: 'token-bucket' };
  let files: CounterFiles;
  let now: number;
  beforeEach(() => {
    files = new CounterFiles();
    now = 1_700_000_000_000;
  });
  afterEach(() => files.remove());
  const start = (options: Parameters<CounterFiles['store']>[0] = {}) =>
    files.store({ now: () => now, ...options });
  const takes = async (store: SqliteCounterStore, key: string, by = rule, times = 1) => {
    const verdicts = [];
    for (let i = 0; i < times; i++) verdicts.push((await store.take(key, by, 1, 0)).isAllowed);
    return verdicts;
  };
  const rows = async (): Promise<{ names: string[]; keys: unknown }> => {
    const db = await openSqlite(files.file, undefined);
    const names = db.prepare('SELECT CAST(name AS TEXT) AS name FROM counters').all() as { name: string }[];
    const { keys } = db.prepare('SELECT keys FROM store').get() as { keys: unknown };
    db.close();
    return { names: names.map(({ name }) => JSON.parse(name) as string).sort(), keys };
  };

  it.each([rule, bucket])('goes on with what was counted before it was closed (%p)', async (by) => {
    const before = start();
    expect(await takes(before, 'a', by, 3)).toEqual([true, true, false]);
    await before.close();
    const after = start();
    expect(await takes(after, 'a', by)).toEqual([false]);
    now += 1_063;
    expect(await takes(after, 'a', by, 3)).toEqual([true, true, false]);
  });

  it('counts for all who have the file open, however their demands mix', async () => {
    const stores = [start(), start(), start()] as const;
    const ten = { ...rule, messages: 10, burstMessages: 10 };
    const verdicts = await Promise.all(
      Array.from({ length: 60 }, (_, i) => stores[(i % 3) as 0].take('a', ten, 1, 0)),
    );
    expect(verdicts.filter(({ isAllowed }) => isAllowed)).toHaveLength(10);
  });

  it('is not stuck where the clock was set back, and gives nothing away', async () => {
    const store = start();
    await takes(store, 'window', rule, 2);
    await takes(store, 'bucket', bucket, 2);
    now -= 3_600_000;
    expect(await takes(store, 'window')).toEqual([false]);
    expect(await takes(store, 'bucket', bucket)).toEqual([false]);
    now += 1_000;
    expect(await takes(store, 'window')).toEqual([true]);
    expect(await takes(store, 'bucket', bucket)).toEqual([true]);
  });

  it('begins anew for a key whose rule counts in another way', async () => {
    const store = start();
    await takes(store, 'a', rule, 2);
    expect(await takes(store, 'a', bucket, 3)).toEqual([true, true, false]);
  });

  it('tells keys apart, whatever is in them', async () => {
    const store = start();
    for (const key of ['', '\0', '\ud800', '\ud801', 'ä', '"', 'x'.repeat(10_000)])
      expect([key, await takes(store, key, rule, 3)]).toEqual([key, [true, true, false]]);
  });

  it('forgets keys that have recovered, as others are used', async () => {
    const store = start();
    for (let i = 0; i < 40; i++) await takes(store, `old ${i}`);
    now += 1_000;
    await takes(store, 'busy', { ...rule, messages: 1_000 }, 25);
    await store.close();
    expect(await rows()).toEqual({ names: ['busy'], keys: 1 });
  });

  it('holds its bound: who has used up his limit is forgotten last', async () => {
    let evicted = 0;
    const store = start({ keys: 3, onEvict: () => void evicted++ });
    await takes(store, 'flooder', bucket, 2);
    for (const key of ['a', 'b']) await takes(store, key, bucket);
    expect(evicted).toBe(0);
    for (let i = 0; i < 20; i++) {
      await takes(store, `new ${i}`, bucket);
      expect(await takes(store, 'flooder', bucket)).toEqual([false]);
    }
    expect(evicted).toBe(20);
    await store.close();
    const { names, keys } = await rows();
    expect([names.length, keys, names.includes('flooder')]).toEqual([3, 3, true]);
  });

  it('refuses what is damaged, and goes on with the rest', async () => {
    const before = start();
    await takes(before, 'a', rule, 2);
    await takes(before, 'b', rule, 2);
    await before.close();
    const db = await openSqlite(files.file, undefined);
    db.prepare("UPDATE counters SET state = CAST('{}' AS BLOB) WHERE name = ? AND 1 = ?").run(
      Buffer.from('"a"'),
      1,
    );
    db.close();
    const store = start();
    await expect(store.take('a', rule, 1, 0)).rejects.toMatchObject({ fault: 'corrupted' });
    expect(await takes(store, 'b')).toEqual([false]);
    expect(await takes(store, 'c')).toEqual([true]);
  });

  it('takes only a file of its own, and a bound that can work', async () => {
    const db = await openSqlite(files.file, undefined);
    db.exec('CREATE TABLE mine (x)');
    db.close();
    await expect(start().ready()).rejects.toMatchObject({ fault: 'incompatible' });
    expect(() => start({ keys: 0 })).toThrow('keys');
  });

  it('takes rules with more in them than can travel', async () => {
    const store = start();
    await store.ready();
    const more = { ...rule, by: () => 'user' };
    expect(await takes(store, 'a', more, 3)).toEqual([true, true, false]);
    expect(store.queued).toBe(0);
  });
});
