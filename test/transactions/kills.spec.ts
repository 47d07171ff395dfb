import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SqliteMessageLog } from '../../lib/store/sqlite/sqlite-message-log.js';
import { freePort } from '../support/free-port.js';
import { SessionClient } from '../support/session-client.js';
import { nestProgram, storeProgram } from '../support/store-program.js';
import { documentedSql } from './documented-sql.js';
import { TypeOrmDatabase } from './typeorm-database.js';

/** One life of the application. */
class Life {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: string[] = [];
  #told: (() => void) | undefined;

  constructor(folder: string, port: number, moment: string) {
    const args = [nestProgram(), folder, String(port), moment, JSON.stringify(documentedSql('sqlite'))];
    this.#child = spawn(process.execPath, [join(import.meta.dirname, 'mortal-orders.mjs'), ...args], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const hear = (line: string): void => {
      this.#lines.push(line);
      this.#told?.();
    };
    createInterface({ input: this.#child.stdout }).on('line', hear);
    createInterface({ input: this.#child.stderr }).on('line', hear);
    this.#child.on('exit', () => hear('exit'));
  }

  async said(line: string): Promise<void> {
    while (!this.#lines.includes(line)) {
      if (this.#lines.includes('exit')) throw new Error(this.#lines.join('\n'));
      await new Promise<void>((resolve) => (this.#told = resolve));
    }
  }

  async kill(): Promise<void> {
    if (this.#lines.includes('exit')) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

let folder: string;
let life: Life | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatewire-orders-'));
});
afterEach(async () => {
  await life?.kill();
  rmSync(folder, { recursive: true });
});

async function effects(): Promise<number[]> {
  const database = await TypeOrmDatabase.open(join(folder, 'app.db'));
  const rows = await database.effects();
  await database.close();
  return rows;
}

/** What the room was sent. */
async function published(): Promise<unknown[]> {
  const log = new SqliteMessageLog({
    file: join(folder, 'history.db'),
    worker: join(storeProgram(), 'store/sqlite/log-worker.js'),
  });
  const { entries } = await log.read('/#orders', { limit: 100, maxBytes: 1_000_000 });
  await log.close();
  return entries.map(({ body }) => JSON.parse(body as string) as unknown);
}

const answer = async (client: SessionClient): Promise<Record<string, unknown>> => {
  for (;;) {
    const frame = await client.next();
    if (frame['id'] === 7) return frame;
  }
};

it.each([
  ['begun', []],
  ['settled', []],
  ['committed', [1]],
  ['sent', [1]],
])(
  'killed when it has %s, a message that is sent again has one effect, and one emit',
  async (moment, before) => {
    const port = await freePort();
    const url = `ws://127.0.0.1:${port}/`;
    life = new Life(folder, port, moment);
    await life.said('ready');
    const client = await SessionClient.open(url);
    client.send({ event: 'place', data: { n: 1 }, id: 7 });
    await life.said(moment);
    await life.kill();
    await client.cut();
    expect(await effects()).toEqual(before);

    life = new Life(folder, port, 'never');
    await life.said('ready');
    const back = await SessionClient.open(url, client);
    expect(back.welcome.resumed).toBe(true);
    back.send({ event: 'place', data: { n: 1 }, id: 7 });
    expect(await answer(back)).toMatchObject({ data: { placed: 1 } });
    expect(await effects()).toEqual([1]);
    // What the dead process has left is sent by this one; what it has just sent may not be removed yet.
    const isSent = async (): Promise<boolean> => {
      const database = await TypeOrmDatabase.open(join(folder, 'app.db'));
      const rows = await database.dataSource.query<unknown[]>('SELECT id FROM gatewire_outbox');
      await database.close();
      return rows.length === 0;
    };
    while (!(await isSent())) await new Promise((resolve) => setTimeout(resolve, 20));
    await life.kill();
    await back.cut();
    const messages = await published();
    expect(messages).toMatchObject([
      { event: 'placed', data: { n: 1 } },
      ...(moment === 'sent' ? [{ data: { n: 1 } }] : []),
    ]);
    // Sent twice where it died between sending and noting that: under one key.
    expect(new Set(messages.map((message) => (message as { meta: { key: string } }).meta.key)).size).toBe(1);
  },
);
