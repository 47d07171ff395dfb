import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';

import type { StoredSession } from '../../lib/store/session-store.js';
import { openSqlite } from '../../lib/store/sqlite/sqlite-driver.js';
import type { StoreError } from '../../lib/store/store-error.js';
import { flip, mulberry } from './support/damage.js';
import { recordOf, SessionFiles, type SessionsInThread } from './support/session-files.js';
import { StoreFiles } from './support/store-files.js';

const flips = Number(process.env['GATEWIRE_FLIPS'] ?? 80);

let files: SessionFiles;
let copies: SessionFiles;
let lives = 0;
beforeEach(() => {
  files = new SessionFiles();
  copies = new SessionFiles();
});
afterEach(async () => {
  await files.remove();
  await copies.remove();
});

const ids = ['a', 'b', 'c'];
const done = (i: number) => ({ id: i, outcome: { event: 'e', kind: 'done' as const } });

function fill(sessions: SessionsInThread, changes = 40): void {
  for (const id of ids) sessions.write(id, 'me', { begin: recordOf(id), rooms: [`room of ${id}`] });
  for (let i = 1; i <= changes; i++) {
    for (const id of ids) {
      const frames = Buffer.from(`${id} ${i} ${'x'.repeat(i * 5)}`);
      sessions.write(id, 'me', {
        sent: [{ first: i, count: 1, frames }],
        settled: [done(i)],
        forget: i - 20,
      });
    }
  }
}

/** Everything, to be compared; adopted by somebody else each time. */
const adopt = (sessions: SessionsInThread): readonly StoredSession[] => sessions.adopt(`life/${++lives}`);
const text = (sessions: readonly StoredSession[]) => JSON.stringify(sessions);

describe('a file that is damaged', () => {
  /** Sessions in a file that was closed. */
  async function filled(): Promise<string> {
    const sessions = await files.sessions();
    fill(sessions);
    const seen = text(adopt(sessions));
    sessions.close();
    return seen;
  }

  async function outcome(written: string, where: string): Promise<'refused' | 'whole' | 'lost'> {
    let sessions: SessionsInThread | undefined;
    try {
      sessions = await copies.sessions();
      const kept = adopt(sessions);
      if (sessions.sessions.loss !== undefined || kept.length === 0) return 'lost';
      expect({ where, kept: text(kept) }).toEqual({ where, kept: written });
      return 'whole';
    } catch (error) {
      if (!('fault' in (error as object))) throw error;
      expect({ where, fault: (error as StoreError).fault }).toEqual({
        where,
        fault: expect.stringMatching(/corrupted|incompatible/),
      });
      return 'refused';
    } finally {
      sessions?.close();
    }
  }

  it('gives a clear error or what was written, and nothing else, wherever a byte is another', async () => {
    const written = await filled();
    const size = statSync(files.file).size;
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = mulberry(seed);
    const seen = { refused: 0, whole: 0, lost: 0 };
    for (let i = 0; i < flips; i++) {
      files.copyTo(copies);
      const at = i % 3 === 0 ? size - 1 - Math.floor(random() * 4_096) : Math.floor(random() * size);
      flip(copies.file, at, 1 + Math.floor(random() * 255));
      seen[await outcome(written, `seed ${seed}, byte ${at}`)]++;
    }
    expect(seen.refused).toBeGreaterThan(flips / 6);
  });

  it.each([0.2, 0.5, 0.9, 0.999])('is refused when it ends after %p of it', async (part) => {
    const written = await filled();
    files.copyTo(copies);
    truncateSync(copies.file, Math.floor(statSync(copies.file).size * part));
    expect(await outcome(written, `after ${part}`)).toBe('refused');
  });

  it('begins anew when it is empty', async () => {
    const written = await filled();
    files.copyTo(copies);
    truncateSync(copies.file, 0);
    expect(await outcome(written, 'empty')).toBe('lost');
  });

  it('tells the store that asks, and all that wait', async () => {
    writeFileSync(files.file, 'x'.repeat(10_000));
    const store = files.store();
    const asked = [store.ready(), store.adopt('me'), store.write('a', 'me', {}), store.claim('a', 'h', 'me')];
    for (const one of await Promise.allSettled(asked)) {
      expect(one).toMatchObject({ status: 'rejected', reason: { name: 'StoreError', fault: 'corrupted' } });
    }
    await store.close();
  });
});

describe('commits that are gone', () => {
  /** Files as they are after a process was killed: nothing was closed. */
  async function killed(settings: Parameters<SessionFiles['sessions']>[0] = {}, boot?: string) {
    const sessions = await files.sessions(settings, boot);
    fill(sessions, 20);
    const before = text(adopt(sessions));
    files.copyTo(copies);
    sessions.close();
    return before;
  }

  it.each(['cut', 'gone', 'byte'])(
    'of a log of writes (%s) drop every session, and it is told',
    async (what) => {
      await killed();
      const wal = `${copies.file}-wal`;
      if (what === 'cut') truncateSync(wal, statSync(wal).size - 100);
      else if (what === 'gone') rmSync(wal);
      else flip(wal, statSync(wal).size - 2_000, 1);
      const losses: Error[] = [];
      const store = copies.store({ onLoss: (error) => losses.push(error) });
      expect(await store.adopt('me')).toEqual([]);
      expect(losses).toEqual([expect.objectContaining({ name: 'StoreError', fault: 'lost' })]);
      await store.write('a', 'me', { begin: recordOf('a') });
      await store.close();
      expect(await copies.store().adopt('you')).toMatchObject([{ record: recordOf('a'), sent: [], last: 0 }]);
      expect(losses).toHaveLength(1);
    },
  );

  it('of a file that is an old copy drop every session', async () => {
    const first = await files.sessions();
    first.write('a', 'me', { begin: recordOf('a') });
    first.close();
    files.copyTo(copies, ['', '-wal']);
    const second = await files.sessions();
    second.write('a', 'me', { last: 1 });
    second.close();
    copies.copyTo(files, ['', '-wal']);
    const third = await files.sessions();
    expect(third.sessions.loss).toContain('missing');
    expect(adopt(third)).toEqual([]);
    third.close();
  });

  it.each(['full', 'normal'] as const)('are none when a process was killed: %s', async (durability) => {
    const before = await killed({ durability }, 'boot 1');
    const sessions = await copies.sessions({ durability }, 'boot 1');
    expect(sessions.sessions.loss).toBeUndefined();
    expect(text(adopt(sessions))).toBe(before);
    sessions.close();
  });

  it.each(['full', 'normal'] as const)(
    'may be when the machine stopped: normal, opened as %s',
    async (durability) => {
      await killed({ durability: 'normal' }, 'boot 1');
      const sessions = await copies.sessions({ durability }, 'boot 2');
      expect(sessions.sessions.loss).toContain('machine stopped');
      expect(adopt(sessions)).toEqual([]);
      sessions.close();
    },
  );

  it('are none when the machine stopped: full', async () => {
    const before = await killed({}, 'boot 1');
    const sessions = await copies.sessions({}, 'boot 2');
    expect(sessions.sessions.loss).toBeUndefined();
    expect(text(adopt(sessions))).toBe(before);
    sessions.close();
  });
});

describe('a file that is not ours', () => {
  it('is refused, and left as it is, when it is one of logs', async () => {
    const logs = new StoreFiles();
    const log = logs.store();
    await log.ready();
    await log.close();
    const before = readFileSync(logs.file);
    await expect(files.store({ file: logs.file }).ready()).rejects.toMatchObject({ fault: 'incompatible' });
    expect(readFileSync(logs.file).equals(before)).toBe(true);
    await logs.remove();
  });

  it('is refused when it is of a newer version', async () => {
    (await files.sessions()).close();
    const db = await openSqlite(files.file, undefined);
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(files.store().ready()).rejects.toMatchObject({ fault: 'incompatible' });
  });

  it('is refused as long as another has it, and opened when it is free', async () => {
    const one = files.store();
    await one.write('a', 'one', { begin: recordOf('a') });
    const other = files.store({ busyMs: 20 });
    await expect(other.ready()).rejects.toMatchObject({ name: 'StoreError', fault: 'locked' });
    await one.close();
    const third = files.store({ busyMs: 20 });
    expect(await third.adopt('third')).toHaveLength(1);
  });
});
