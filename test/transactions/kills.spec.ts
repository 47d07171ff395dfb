import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SqliteMessageLog } from '../../lib/store/sqlite/sqlite-message-log.js';
import { freePort } from '../support/free-port.js';
import { SessionClient } from '../support/session-client.js';
import { nestProgram, prismaProgram, storeProgram } from '../support/store-program.js';
import { describeWithPostgres, PostgresServer } from '../support/postgres-server.js';
import type { OrdersDatabase } from './orders-app.js';
import { PostgresDatabase } from './postgres-database.js';
import { PrismaDatabase } from './prisma/prisma-database.js';
import { TypeOrmDatabase } from './typeorm-database.js';

/** What the application is written with. */
const libraries = {
  typeorm: () => TypeOrmDatabase.open(place),
  postgres: () => PostgresDatabase.open(place),
  prisma: () => PrismaDatabase.open(place),
};
type Library = keyof typeof libraries;

/** One life of the application. */
class Life {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: string[] = [];
  #told: (() => void) | undefined;

  constructor(library: Library, port: number, moment: string) {
    const args = [nestProgram(), folder, String(port), moment, library, place, prismaProgram()];
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
/** File or URL of the application's database. */
let place: string;
let life: Life | undefined;
// Compiled before any test is timed: nothing may be there yet, and the machine busy.
beforeAll(() => {
  nestProgram();
  prismaProgram();
}, 120_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatewire-orders-'));
  place = join(folder, 'app.db');
});
afterEach(async () => {
  await life?.kill();
  rmSync(folder, { recursive: true });
});

/** Asks the database from beside the application. */
async function asked<Answer>(
  library: Library,
  question: (database: OrdersDatabase | PrismaDatabase) => Promise<Answer>,
): Promise<Answer> {
  const database = await libraries[library]();
  const answered = await question(database);
  await database.close();
  return answered;
}
const effects = (library: Library): Promise<number[]> => asked(library, (database) => database.effects());
const waiting = (library: Library): Promise<number> => asked(library, (database) => database.waiting());

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

/** Where it is killed, and the effects that are there then. */
const moments: readonly [moment: string, before: readonly number[]][] = [
  ['begun', []],
  ['settled', []],
  ['committed', [1]],
  ['sent', [1]],
];
const kills = (library: Library): [Library, string, readonly number[]][] =>
  moments.map((moment) => [library, ...moment]);

// What is written is the same with each: what differs are their transactions.
const transactions = (library: Library): [Library, string, readonly number[]][] =>
  kills(library).filter(([, moment]) => moment === 'settled' || moment === 'committed');

const survives = 'killed when it has %s, a message that is sent again has one effect, and one emit';
it.each(kills('typeorm'))(`%s: ${survives}`, killed);
it.each(transactions('prisma'))(`%s: ${survives}`, killed);

describeWithPostgres('on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    place = await server.database();
  });

  it.each(transactions('postgres'))(`%s: ${survives}`, killed);
});

async function killed(library: Library, moment: string, before: readonly number[]): Promise<void> {
  const port = await freePort();
  const url = `ws://127.0.0.1:${port}/`;
  // Makes the tables.
  expect(await effects(library)).toEqual([]);
  life = new Life(library, port, moment);
  await life.said('ready');
  const client = await SessionClient.open(url);
  client.send({ event: 'place', data: { n: 1 }, id: 7 });
  await life.said(moment);
  await life.kill();
  await client.cut();
  expect(await effects(library)).toEqual(before);

  life = new Life(library, port, 'never');
  await life.said('ready');
  const back = await SessionClient.open(url, client);
  expect(back.welcome.resumed).toBe(true);
  back.send({ event: 'place', data: { n: 1 }, id: 7 });
  expect(await answer(back)).toMatchObject({ data: { placed: 1 } });
  expect(await effects(library)).toEqual([1]);
  // What the dead process has left is sent by this one; what it has just sent may not be removed yet.
  while ((await waiting(library)) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await life.kill();
  await back.cut();
  const messages = await published();
  expect(messages).toMatchObject([
    { event: 'placed', data: { n: 1 } },
    ...(moment === 'sent' ? [{ data: { n: 1 } }] : []),
  ]);
  // Sent twice where it died between sending and noting that: under one key.
  expect(new Set(messages.map((message) => (message as { meta: { key: string } }).meta.key)).size).toBe(1);
}
