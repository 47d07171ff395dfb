import { jest } from '@jest/globals';
import { createClient } from '../../lib/client/index.js';
import { persist } from '../../lib/client/keeper.js';
import { type Disk, PageStorage } from '../consistency/page-storage.js';

const clients: { close(): Promise<void> }[] = [];

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

it('what two pages keep in the same millisecond is kept twice', async () => {
  jest.spyOn(Date, 'now').mockReturnValue(1_800_000_000_000);
  const disk: Disk = new Map();
  for (const text of ['from the first', 'from the second']) {
    const client = createClient({
      url: 'ws://127.0.0.1:9',
      autoConnect: false,
      storage: persist(new PageStorage(disk)),
    });
    clients.push(client);
    client.emit('say', text);
    await until(() => [...disk.values()].some((kept) => JSON.stringify(kept).includes(text)));
  }
  const kept = [...disk.values()].map((value) => (value as { envelope: { data: unknown } }).envelope.data);
  expect(kept).toEqual(['from the first', 'from the second']);
});

it('what a page keeps comes after what the one before has left, though the clock was set back meanwhile', async () => {
  const now = jest.spyOn(Date, 'now');
  const disk: Disk = new Map();
  for (const [time, text] of [
    [5_000, 'first'],
    [4_000, 'second'],
    [3_000, 'third'],
  ] as const) {
    now.mockReturnValue(time);
    const storage = new PageStorage(disk);
    const client = createClient({ url: 'ws://127.0.0.1:9', autoConnect: false, storage: persist(storage) });
    clients.push(client);
    // At once, before the storage has told what is there; and when it has.
    client.emit('say', `${text}, early`);
    await until(() => client.pending === disk.size);
    client.emit('say', `${text}, late`);
    await until(() => client.pending === disk.size);
    storage.kill();
  }
  const kept = [...disk].sort(([a], [b]) => (a < b ? -1 : 1));
  expect(kept.map(([, value]) => (value as { envelope: { data: unknown } }).envelope.data)).toEqual([
    'first, early',
    'first, late',
    'second, early',
    'second, late',
    'third, early',
    'third, late',
  ]);
});

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100 && !isSo(); turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(isSo()).toBe(true);
}
