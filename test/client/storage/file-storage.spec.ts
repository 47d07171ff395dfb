import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { fileStorage } from '../../../lib/client/node/file-storage.js';
import { Bundle } from '../../support/bundle.js';
import { createRandom } from '../../protocol/random.js';
import { print } from './contract.js';
import { replay } from './scripted-saves.js';

jest.setTimeout(120_000);

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewire-storage-'));
  path = join(folder, 'outbox.log');
});

afterEach(() => rm(folder, { recursive: true }));

/** What a new storage reads from the file. */
async function contents(): Promise<Record<string, unknown>> {
  const storage = fileStorage(path);
  try {
    return Object.fromEntries(await storage.load(''));
  } finally {
    await storage.close();
  }
}

/** A log of three saves, and where each of them ends. */
async function threeSaves(): Promise<{ log: Buffer; ends: number[] }> {
  const storage = fileStorage(path);
  const ends: number[] = [];
  for (const number of [1, 2, 3]) {
    await storage.save(
      new Map<string, unknown>([
        ['n', number],
        [`key ${number}`, Uint8Array.of(number, 0x1e, 0)],
      ]),
    );
    ends.push((await stat(path)).size);
  }
  await storage.close();
  return { log: await readFile(path), ends };
}

describe('a file that was cut', () => {
  it('gives the saves that are whole, wherever the cut is, and goes on from there', async () => {
    const { log, ends } = await threeSaves();
    for (let cut = 0; cut <= log.length; cut++) {
      await writeFile(path, log.subarray(0, cut));
      const whole = ends.filter((end) => end <= cut).length;
      const storage = fileStorage(path);
      const loaded = Object.fromEntries(await storage.load(''));
      expect([cut, loaded['n'], Object.keys(loaded).length]).toEqual([
        cut,
        whole || undefined,
        whole && whole + 1,
      ]);
      await storage.save(new Map([['after', cut]]));
      await storage.close();
      expect((await contents())['after']).toBe(cut);
    }
  });

  it('takes zeros and rubbish behind the last save for a write that was not finished', async () => {
    const { log } = await threeSaves();
    for (const rest of [Buffer.alloc(5_000), Buffer.alloc(100, 0x1e), Buffer.from('rubbish')]) {
      await writeFile(path, Buffer.concat([log, rest]));
      expect((await contents())['n']).toBe(3);
      expect((await stat(path)).size).toBe(log.length);
    }
  });
});

describe('a file that was damaged', () => {
  it('is refused, wherever in the middle one byte is another, and is left as it is', async () => {
    const { log, ends } = await threeSaves();
    for (let at = 0; at < (ends[1] ?? 0); at++) {
      const damaged = Buffer.from(log);
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      await writeFile(path, damaged);
      await expect(contents()).rejects.toMatchObject({ name: 'StorageError', fault: 'corrupted' });
      expect(await readFile(path)).toEqual(damaged);
    }
    await writeFile(path, Buffer.concat([log.subarray(0, ends[0]), log.subarray((ends[0] ?? 0) + 1)]));
    await expect(contents()).rejects.toThrow(`outbox.log: the file is damaged at byte ${ends[0]}; at byte`);
  });

  it('is refused when it never was one of ours', async () => {
    await writeFile(path, 'my only copy of something else');
    await expect(contents()).rejects.toMatchObject({ fault: 'corrupted' });
    expect(await readFile(path, 'utf8')).toBe('my only copy of something else');
    expect(await readdir(folder)).toEqual(['outbox.log']);
  });
});

describe('a file that is in use', () => {
  it('is refused to a second storage, until the first is closed', async () => {
    const first = fileStorage(path);
    await first.save(new Map([['a', 1]]));
    await expect(contents()).rejects.toMatchObject({ fault: 'locked' });
    await first.close();
    await expect(contents()).resolves.toEqual({ a: 1 });
    expect(await readdir(folder)).toEqual(['outbox.log']);
  });

  it('is never given to two of several that come at once', async () => {
    for (let round = 0; round < 10; round++) {
      const storages = Array.from({ length: 4 }, () => fileStorage(path));
      const opened = await Promise.allSettled(storages.map((storage) => storage.load('')));
      expect(opened.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
      await Promise.all(storages.map((storage) => storage.close()));
    }
  });

  it('is free when the process that had it is gone, also when its number is somebody else’s now', async () => {
    await writeFile(`${path}.lock.4194304.1.00ff`, '');
    await writeFile(`${path}.lock.${process.pid}.1.00ff`, '');
    await expect(contents()).resolves.toEqual({});
    expect(await readdir(folder)).toEqual(['outbox.log']);
  });
});

describe('a file that has grown', () => {
  it('is written anew when most of it is of no use, and not before', async () => {
    const storage = fileStorage(path, { compactBytes: 20_000 });
    const sizes: number[] = [];
    for (let number = 0; number < 100; number++) {
      await storage.save(
        new Map<string, unknown>([
          ['a', 'x'.repeat(1_000)],
          ['n', number],
        ]),
      );
      sizes.push((await stat(path)).size);
    }
    await storage.close();
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...sizes)).toBeLessThan(22_000);
    expect(Math.min(...sizes.slice(30))).toBeLessThan(2_500);
    expect((await contents())['n']).toBe(99);
  });

  it('is not written anew as long as all of it is kept', async () => {
    const storage = fileStorage(path, { compactBytes: 1_000 });
    for (let number = 0; number < 50; number++)
      await storage.save(new Map([[`key ${number}`, 'x'.repeat(100)]]));
    const { ino } = await stat(path);
    await storage.save(new Map([['more', 'x'.repeat(100)]]));
    expect((await stat(path)).ino).toBe(ino);
    await storage.close();
  });

  it('makes saves that come together durable together', async () => {
    const storage = fileStorage(path);
    await storage.load('');
    const before = (await stat(path)).size;
    await Promise.all(
      Array.from({ length: 1_000 }, (_, number) => storage.save(new Map([[`${number}`, 1]]))),
    );
    // One head of nine bytes for each frame.
    const saved = Array.from({ length: 1_000 }, (_, number) => `"${number}"\t1\n`).join('').length;
    expect((await stat(path)).size).toBe(before + saved + 9);
    await storage.close();
  });

  it('is for its owner alone', async () => {
    await threeSaves();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

describe('a process that is killed', () => {
  let bundle: Bundle;

  beforeAll(async () => (bundle = await Bundle.of('test/client/storage/saving-program.ts', 'node')));
  afterAll(() => bundle.remove());

  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000));

  it(`leaves every save it was told is durable, and no part of one (SEED=${seed})`, async () => {
    const random = createRandom(seed);
    const expected = new Map<string, unknown>();
    let last = 0;
    for (let life = 0; life < 20; life++) {
      const killAfter = Math.floor(random() ** 2 * 80);
      const durable = await runUntilKilled(last + 1, killAfter, random() * 4);
      const kept = await contents();
      const number = Number(kept['n'] ?? 0);
      expect(number).toBeGreaterThanOrEqual(Math.max(last, durable));
      replay(expected, seed, last, number);
      // Jest takes minutes for the difference of two long texts.
      expect(print(kept) === print(Object.fromEntries(expected))).toBe(true);
      last = number;
    }
    expect(last).toBeGreaterThan(100);
    expect(await readdir(folder)).toEqual(['outbox.log']);
  });

  /** The highest number that was printed. */
  async function runUntilKilled(first: number, killAfter: number, delayMs: number): Promise<number> {
    const env = { ...process.env, NODE_OPTIONS: '' };
    const child: ChildProcess = spawn(process.execPath, [bundle.file, path, String(seed), String(first)], {
      env,
    });
    let output = '';
    let isKilled = false;
    child.stdout?.on('data', (chunk) => {
      output += String(chunk);
      if (isKilled || output.split('\n').length <= killAfter) return;
      isKilled = true;
      setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    const errors: string[] = [];
    child.stderr?.on('data', (chunk) => errors.push(String(chunk)));
    await once(child, 'close');
    expect(errors.join('')).toBe('');
    return Math.max(0, ...output.split('\n').slice(0, -1).map(Number));
  }
});

describe('a disk that is full', () => {
  it('refuses what does not fit, keeps what was there, and goes on when there is room', async () => {
    const bundle = await Bundle.of('test/client/storage/full-disk-program.ts', 'node');
    // The shell ignores the signal for it, so that the write fails as on a full disk.
    const command = `trap '' XFSZ; ulimit -f 64; exec "$0" "$@"`;
    const args = ['-c', command, process.execPath, bundle.file, path];
    const { stdout } = await promisify(execFile)('bash', args, { env: { ...process.env, NODE_OPTIONS: '' } });
    bundle.remove();
    const [saved, full] = [Array<string>(6).fill('saved'), Array<string>(4).fill('full')];
    expect(JSON.parse(stdout)).toEqual([...saved, ...full, 'saved', 'saved']);
    expect(Object.keys(await contents())).toEqual(['after', 'piece 5', 'piece 6']);
  });
});
