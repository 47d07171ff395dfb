import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStorage } from '../../../lib/client/node/file-storage.js';
import { memoryStorage, type StorageMemory } from '../../../lib/client/storage/memory-storage.js';
import { storageContract } from './contract.js';

describe('storage in memory', () => {
  it.each(storageContract)('$name', async ({ run }) => {
    const memory: StorageMemory = new Map();
    await run(() => memoryStorage(memory));
  });
});

describe.each([
  ['as it is', {}],
  ['written anew all the time', { compactBytes: 1 }],
])('storage in a file, %s', (_, options) => {
  let folder: string;

  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'gatewire-storage-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it.each(storageContract)('$name', ({ run }) =>
    run(() => fileStorage(join(folder, 'deep/outbox.log'), options)),
  );
});
