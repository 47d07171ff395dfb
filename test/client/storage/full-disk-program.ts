/** Saves to a file that may not grow any more at some point (`ulimit -f`), and tells as JSON what became of it. */
import { fileStorage } from '../../../lib/client/node/file-storage.js';
import { StorageError } from '../../../lib/client/storage/storage-error.js';

const storage = fileStorage(process.argv[2] ?? '');
const piece = 'x'.repeat(10_000);
const outcomes: string[] = [];

async function save(changes: Record<string, unknown>): Promise<void> {
  await storage.save(new Map(Object.entries(changes))).then(
    () => outcomes.push('saved'),
    (error: unknown) => outcomes.push(error instanceof StorageError ? error.fault : String(error)),
  );
}

for (let number = 1; number <= 10; number++) await save({ [`piece ${number}`]: piece });
await save(Object.fromEntries(Array.from({ length: 4 }, (_, at) => [`piece ${at + 1}`, undefined])));
await save({ after: piece });
process.stdout.write(JSON.stringify(outcomes));
await storage.close();
