import { apiKey } from '../../../lib/pipeline/stages/authentication/api-key.strategy.js';
import { TransactionalOutbox } from '../../../lib/delivery/transactional-outbox.js';
import { GatewireServer } from '../../../lib/server/gatewire-server.js';
import { NestApp } from '../../nest/nest-app.js';
import type { TestClient } from '../../support/test-client.js';
import type { Prisma, PrismaClient } from './generated/client.js';
import { Orders, PrismaService } from './orders.gateway.js';
import { PrismaDatabase } from './prisma-database.js';

/** What happens within a transaction, before the handler's part of it and after. */
export interface Interlude {
  before?(): Promise<void>;
  after?(): Promise<void>;
}

const key = 'a'.repeat(16);

/** An application on Prisma, with one user. */
export class PrismaApp {
  readonly nest: NestApp;
  readonly database: PrismaDatabase;
  readonly interlude: Interlude;

  private constructor(nest: NestApp, database: PrismaDatabase, interlude: Interlude) {
    this.nest = nest;
    this.database = database;
    this.interlude = interlude;
  }

  static async start(file?: string): Promise<PrismaApp> {
    const database = await PrismaDatabase.open(file);
    const interlude: Interlude = {};
    const transaction = (work: (tx: Prisma.TransactionClient) => Promise<unknown>): Promise<unknown> =>
      database.transaction(async (tx) => {
        await interlude.before?.();
        const result = await work(tx);
        await interlude.after?.();
        return result;
      });
    const prisma: PrismaService = { $transaction: transaction as PrismaClient['$transaction'] };
    const nest = await NestApp.start({
      options: {
        transactions: { store: database.store, pollMs: 20 },
        authenticate: [apiKey({ keys: { ada: key } })],
      },
      providers: [{ provide: PrismaService, useValue: prisma }, Orders],
    });
    return new PrismaApp(nest, database, interlude);
  }

  get counts(): Readonly<Record<string, number>> {
    return this.nest.app.get(GatewireServer).stats().stages;
  }

  get outbox(): TransactionalOutbox<Prisma.TransactionClient> {
    return this.nest.app.get(TransactionalOutbox);
  }

  connect(): Promise<TestClient> {
    return this.nest.connect('/', 'gatewire.v1.json', { headers: { 'x-api-key': key } });
  }

  async stop(): Promise<void> {
    await this.nest.stop();
    await this.database.close();
  }
}
