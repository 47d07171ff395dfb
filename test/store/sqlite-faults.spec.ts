import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';

import { type StoreError } from '../../lib/store/store-error.js';
import { openSqlite } from '../../lib/store/sqlite/sqlite-driver.js';
import { flip, mulberry } from './support/damage.js';
import { all, everything, type LogsInThread, StoreFiles } from './support/store-files.js';

const flips = Number(process.env['GATEWIRE_FLIPS'] ?? 150);

let files: StoreFiles;
let copies: StoreFiles;
beforeEach(() => {
  files = new StoreFiles();
  copies = new StoreFiles();
});
afterEach(async () => {
  await files.remove();
  await copies.remove();
});

/** Three logs of messages that are told apart, in a file that was closed. */
async function filled(): Promise<Map<string, string>> {
  const logs = await files.logs();
  const seen = new Map<string, string>();
  for (const log of ['a', 'b', 'c']) {
    for (let i = 0; i < 40; i++) logs.append(`${log} ${i} ${'x'.repeat(i * 5)}`, log);
    seen.set(log, JSON.stringify(logs.read(log)));
  }
  logs.close();
  return seen;
}

describe('a file that is damaged', () => {
  it('gives a clear error, a new epoch, or what was written: nothing else, wherever a byte is another', async () => {
    const written = await filled();
    const size = statSync(files.file).size;
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = mulberry(seed);
    const seen = { refused: 0, whole: 0, renewed: 0 };
    for (let i = 0; i < flips; i++) {
      files.copyTo(copies);
      // Every third in the last page.
      const at = i % 3 === 0 ? size - 1 - Math.floor(random() * 4_096) : Math.floor(random() * size);
      flip(copies.file, at, 1 + Math.floor(random() * 255));
      seen[await outcome(written, `seed ${seed}, byte ${at}`)]++;
    }
    expect(seen.refused).toBeGreaterThan(flips / 6);
  });

  async function outcome(
    written: Map<string, string>,
    where: string,
  ): Promise<'refused' | 'whole' | 'renewed'> {
    let logs: LogsInThread | undefined;
    try {
      logs = await copies.logs();
      let isRenewed = false;
      for (const [log, before] of written) {
        const now = logs.read(log);
        if (JSON.parse(before).epoch !== now.epoch) isRenewed = true;
        else if (JSON.stringify(now) !== before)
          throw new Error(`${where}: log ${log} is another, and its epoch is not`);
      }
      return isRenewed ? 'renewed' : 'whole';
    } catch (error) {
      if (!('fault' in (error as object))) throw error;
      expect({ where, fault: (error as StoreError).fault }).toEqual({
        where,
        fault: expect.stringMatching(/corrupted|incompatible/),
      });
      return 'refused';
    } finally {
      logs?.close();
    }
  }

  it.each([0.2, 0.5, 0.9, 0.999])('is refused, or begins anew, when it ends after %p of it', async (part) => {
    const written = await filled();
    files.copyTo(copies);
    truncateSync(copies.file, Math.floor(statSync(copies.file).size * part));
    expect(await outcome(written, `after ${part}`)).toBe('refused');
  });

  it('begins anew when it is empty', async () => {
    const written = await filled();
    files.copyTo(copies);
    truncateSync(copies.file, 0);
    expect(await outcome(written, 'empty')).toBe('renewed');
  });

  it('tells the store that asks, and all that wait', async () => {
    writeFileSync(files.file, 'x'.repeat(10_000));
    const store = files.store();
    const asked = [
      store.ready(),
      store.append('a', { body: 'x' }, all),
      store.read('a', everything),
      store.remove('a'),
    ];
    for (const one of await Promise.allSettled(asked)) {
      expect(one).toMatchObject({ status: 'rejected', reason: { name: 'StoreError', fault: 'corrupted' } });
    }
    await expect(store.append('a', { body: 'x' }, all)).rejects.toMatchObject({ fault: 'corrupted' });
    await store.close();
  });
});

describe('commits that are gone', () => {
  /** Files as they are after a process was killed: nothing was closed. */
  async function killed(settings: Parameters<StoreFiles['logs']>[0] = {}, boot?: string) {
    const logs = await files.logs(settings, boot);
    for (let i = 0; i < 20; i++) logs.append(`${i}`);
    files.copyTo(copies);
    const before = logs.read();
    logs.close();
    return before;
  }

  it('of a log of writes that was cut change the epoch, and nothing is said to be whole that is not', async () => {
    const before = await killed();
    const size = statSync(`${copies.file}-wal`).size;
    truncateSync(`${copies.file}-wal`, size - 100);
    const logs = await copies.logs();
    expect(logs.logs.loss).toContain('missing');
    const { epoch, offset } = logs.read();
    expect(epoch).not.toBe(before.epoch);
    expect(offset).toBeLessThan(20);
    expect(logs.append('next')).toEqual({ epoch, offset: offset + 1 });
    logs.close();
  });

  it.each(['-wal', 'byte'])(
    'of a log of writes that is gone or damaged change the epoch (%s)',
    async (what) => {
      const before = await killed();
      if (what === '-wal') rmSync(`${copies.file}-wal`);
      else flip(`${copies.file}-wal`, statSync(`${copies.file}-wal`).size - 2_000, 1);
      const losses: Error[] = [];
      const store = copies.store({ onLoss: (error) => losses.push(error) });
      expect((await store.read('a', everything)).epoch).not.toBe(before.epoch);
      expect(losses).toEqual([expect.objectContaining({ name: 'StoreError', fault: 'lost' })]);
    },
  );

  it('of a file that is an old copy change the epoch', async () => {
    const first = await files.logs();
    const { epoch } = first.append('1');
    first.close();
    files.copyTo(copies, ['', '-wal']);
    const second = await files.logs();
    expect(second.append('2')).toEqual({ epoch, offset: 2 });
    second.close();
    copies.copyTo(files, ['', '-wal']);
    const third = await files.logs();
    expect(third.read().epoch).not.toBe(epoch);
    third.close();
  });

  it('are none when a process was killed: full', async () => {
    const before = await killed();
    const logs = await copies.logs();
    expect(logs.logs.loss).toBeUndefined();
    expect(logs.read()).toEqual(before);
    logs.close();
  });

  it('are none when a process was killed: normal, on a machine that goes on', async () => {
    const before = await killed({ durability: 'normal' }, 'boot 1');
    const logs = await copies.logs({ durability: 'normal' }, 'boot 1');
    expect(logs.read()).toEqual(before);
    logs.close();
  });

  it.each(['full', 'normal'] as const)(
    'may be when the machine stopped: normal, opened as %s',
    async (durability) => {
      const lost = await files.logs({ durability: 'normal' }, 'boot 1');
      lost.append('1');
      // Only the first commit is synced; what follows, and the mark, never reached the disk.
      files.copyTo(copies, ['', '-wal']);
      for (let i = 0; i < 20; i++) lost.append(`${i}`);
      const before = lost.read();
      lost.close();
      const logs = await copies.logs({ durability }, 'boot 2');
      expect(logs.logs.loss).toContain('machine stopped');
      expect(logs.read().epoch).not.toBe(before.epoch);
      logs.close();
      const again = await copies.logs({ durability }, 'boot 3');
      expect(again.logs.loss).toBeUndefined();
      again.close();
    },
  );

  it('are none when the store was closed before the machine stopped: normal', async () => {
    const first = await files.logs({ durability: 'normal' }, 'boot 1');
    const position = first.append('1');
    first.close();
    const second = await files.logs({ durability: 'normal' }, 'boot 2');
    expect(second.logs.loss).toBeUndefined();
    expect(second.read()).toMatchObject(position);
    second.close();
  });

  it('may be when one of two processes closed the file, and the other went on: normal', async () => {
    const one = await files.logs({ durability: 'normal' }, 'boot 1');
    const other = await files.logs({ durability: 'normal' }, 'boot 1');
    one.append('1');
    other.append('2');
    one.close();
    other.append('3');
    files.copyTo(copies);
    const logs = await copies.logs({ durability: 'normal' }, 'boot 2');
    expect(logs.logs.loss).toContain('machine stopped');
    logs.close();
    other.close();
  });
});

describe('a file that is not ours', () => {
  it.each([
    ['of a newer version', 'PRAGMA user_version = 99', 'newer gatewire'],
    ['of another program', 'PRAGMA application_id = 7', 'another database'],
  ])('%s is refused, and left as it is', async (_name, sql, message) => {
    (await files.logs()).close();
    const db = await openSqlite(files.file, undefined);
    db.exec(sql);
    db.close();
    const before = readFileSync(files.file);
    await expect(files.logs()).rejects.toMatchObject({
      fault: 'incompatible',
      message: expect.stringContaining(message),
    });
    expect(readFileSync(files.file).equals(before)).toBe(true);
  });

  it('is refused also when it has tables, but no mark of anybody', async () => {
    const db = await openSqlite(files.file, undefined);
    db.exec('CREATE TABLE customers (id INTEGER)');
    db.close();
    await expect(files.store().ready()).rejects.toMatchObject({ fault: 'incompatible' });
  });

  it('cannot be opened in a folder that is not there', async () => {
    const store = files.store({ file: `${files.folder}/none/log.db` });
    await expect(store.ready()).rejects.toMatchObject({ name: 'StoreError', fault: 'unavailable' });
  });
});
