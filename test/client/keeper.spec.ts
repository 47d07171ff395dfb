import { jest } from '@jest/globals';
import { createClient } from '../../lib/client/index.js';
import { persist } from '../../lib/client/keeper.js';
import { type Disk, PageStorage } from '../consistency/page-storage.js';

afterEach(() => jest.restoreAllMocks());

it('what two pages keep in the same millisecond is kept twice', async () => {
  jest.spyOn(Date, 'now').mockReturnValue(1_800_000_000_000);
  const disk: Disk = new Map();
  for (const text of ['from the first', 'from the second']) {
    const client = createClient({
      url: 'ws://127.0.0.1:9',
      autoConnect: false,
      storage: persist(new PageStorage(disk)),
    });
    client.emit('say', text);
    await until(() => [...disk.values()].some((kept) => JSON.stringify(kept).includes(text)));
  }
  const kept = [...disk.values()].map((value) => (value as { envelope: { data: unknown } }).envelope.data);
  expect(kept).toEqual(['from the first', 'from the second']);
});

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100 && !isSo(); turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(isSo()).toBe(true);
}
