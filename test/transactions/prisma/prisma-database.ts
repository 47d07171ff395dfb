import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaTransactionStore } from '../../../lib/store/transaction/prisma.js';
import { type Prisma, PrismaClient } from './generated/client.js';

const migration = readFileSync(join(import.meta.dirname, 'migrations/0_orders/migration.sql'), 'utf8');

/** Prisma on a SQLite file of its own, with the tables that Prisma makes of schema.prisma. */
export class PrismaDatabase {
  readonly client: PrismaClient;
  readonly store: PrismaTransactionStore;
  readonly file: string;
  readonly #folder: string | null;

  private constructor(client: PrismaClient, file: string, folder: string | null) {
    this.client = client;
    this.file = file;
    this.#folder = folder;
    this.store = new PrismaTransactionStore(client, { dialect: 'sqlite' });
  }

  /** @param file one that stays; else there is a new one */
  static async open(file?: string): Promise<PrismaDatabase> {
    const folder = file === undefined ? mkdtempSync(join(tmpdir(), 'gatewire-prisma-')) : null;
    const path = file ?? join(folder as string, 'app.db');
    const isNew = !existsSync(path);
    const client = new PrismaClient({ adapter: new PrismaLibSql({ url: `file:${path}` }) });
    if (isNew) {
      await client.$queryRawUnsafe('PRAGMA journal_mode = WAL');
      for (const statement of migration.trim().split(';\n')) await client.$executeRawUnsafe(statement);
    }
    return new PrismaDatabase(client, path, folder);
  }

  transaction<Result>(work: (tx: Prisma.TransactionClient) => Promise<Result>): Promise<Result> {
    // Eight at once wait for each other on a busy machine.
    return this.client.$transaction(work, { maxWait: 20_000, timeout: 20_000 });
  }

  async insert(tx: Prisma.TransactionClient): Promise<void> {
    await tx.order.create({ data: { item: 'tea' } });
  }

  count(): Promise<number> {
    return this.client.order.count();
  }

  async items(): Promise<string[]> {
    const orders = await this.client.order.findMany({ orderBy: { number: 'asc' } });
    return orders.map(({ item }) => item);
  }

  /** What was ordered, where that is numbers. */
  async effects(): Promise<number[]> {
    return (await this.items()).map(Number);
  }

  /** Emits that wait to be sent. */
  async waiting(): Promise<number> {
    const rows = await this.client.$queryRaw<[{ n: bigint }]>`SELECT COUNT(*) AS n FROM gatewire_outbox`;
    return Number(rows[0].n);
  }

  async close(): Promise<void> {
    await this.client.$disconnect();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true });
  }
}
