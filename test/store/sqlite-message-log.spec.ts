import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SqliteMessageLog } from '../../lib/store/sqlite/sqlite-message-log.js';
import type { SqliteMessageLogOptions } from '../../lib/store/sqlite/sqlite-message-log.options.js';
import { messageLogContract } from '../contract/message-log.contract.js';
import { storeProgram } from '../support/store-program.js';

const worker = join(storeProgram(), 'store/sqlite/log-worker.js');

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'gatewire-store-'));
  folders.push(made);
  return made;
};
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});
const open = (options: Partial<SqliteMessageLogOptions> = {}) =>
  new SqliteMessageLog({ file: join(folder(), 'log.db'), worker, ...options });

for (const [name, options] of Object.entries<Partial<SqliteMessageLogOptions>>({
  'SQLite, full': { durability: 'full' },
  'SQLite, normal, compressed': { durability: 'normal', compression: { thresholdBytes: 0 } },
})) {
  messageLogContract({
    name,
    cases: 40,
    create: () => {
      let now = 1_700_000_000_000;
      return Promise.resolve({
        log: open({ ...options, now: () => now }),
        pass: (ms) => {
          now += ms;
          return Promise.resolve();
        },
      });
    },
  });
}
