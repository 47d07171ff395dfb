import { join } from 'node:path';

/** Ways to a database, by the library that an application may use; the tables are there. */
export const databases = {
  async typeorm(file, { Turns, TypeOrmTransactionStore }) {
    const { default: driver } = await import('libsql');
    const { DataSource } = await import('typeorm');
    const connection = { type: 'better-sqlite3', database: file, driver, enableWAL: true };
    const dataSource = await new DataSource(connection).initialize();
    const turns = new Turns();
    return {
      store: new TypeOrmTransactionStore(dataSource, { dialect: 'sqlite', turns }),
      transaction: (work) => turns.run(() => dataSource.transaction(work)),
      insert: (tx, n) => tx.query('INSERT INTO effects (n) VALUES (?)', [n]),
    };
  },

  async postgres(url, { TypeOrmTransactionStore }) {
    const { DataSource } = await import('typeorm');
    const dataSource = await new DataSource({ type: 'postgres', url }).initialize();
    return {
      store: new TypeOrmTransactionStore(dataSource, { dialect: 'postgres' }),
      transaction: (work) => dataSource.transaction(work),
      insert: (tx, n) => tx.query('INSERT INTO effects (n) VALUES ($1)', [n]),
    };
  },

  async prisma(file, { PrismaTransactionStore }, compiledClient) {
    const { PrismaLibSql } = await import('@prisma/adapter-libsql');
    const { PrismaClient } = await import(join(compiledClient, 'generated/client.js'));
    const prisma = new PrismaClient({ adapter: new PrismaLibSql({ url: `file:${file}` }) });
    return {
      store: new PrismaTransactionStore(prisma, { dialect: 'sqlite' }),
      // It is killed within: no time is to be up before.
      transaction: (work) => prisma.$transaction(work, { maxWait: 60_000, timeout: 60_000 }),
      insert: (tx, n) => tx.order.create({ data: { item: String(n) } }),
    };
  },
};
