import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { EntityManager } from 'typeorm';
import type { Connection } from '../../lib/connection/connection.js';
import { TransactionalOutbox } from '../../lib/delivery/transactional-outbox.js';
import { RecordOutcome } from '../../lib/nest/decorators/record-outcome.decorator.js';
import { Settlement } from '../../lib/nest/decorators/settlement.decorator.js';
import type { GatewireOptions } from '../../lib/nest/gatewire.options.js';
import type { MessageSettlement } from '../../lib/pipeline/settlement/message-settlement.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { NestApp } from '../nest/nest-app.js';
import { TypeOrmDatabase } from './typeorm-database.js';

/** The application's database, with the tables of docs/transactions.md in it. */
export type OrdersDatabase = Pick<
  TypeOrmDatabase,
  'store' | 'transaction' | 'insert' | 'effects' | 'waiting' | 'close'
>;

/** How an order ends. */
export interface Order {
  readonly n: number;
  readonly ending?: 'rollback' | 'unsettled' | 'failed later' | 'returns nothing' | 'swallows';
  readonly reply?: unknown;
}

/** An application with a database, and a gateway that records in its transactions. */
export class OrdersApp<Database extends OrdersDatabase = TypeOrmDatabase> {
  readonly nest: NestApp;
  readonly database: Database;
  readonly logged: string[];

  private constructor(nest: NestApp, database: Database, logged: string[]) {
    this.nest = nest;
    this.database = database;
    this.logged = logged;
  }

  /** @param first runs within the transaction, before anything is written */
  static async start<Database extends OrdersDatabase = TypeOrmDatabase>(
    options: Partial<GatewireOptions> = {},
    transactions: Partial<NonNullable<GatewireOptions['transactions']>> = {},
    first: (order: Order) => Promise<unknown> | void = () => undefined,
    opened?: Database,
  ): Promise<OrdersApp<Database>> {
    const database = opened ?? ((await TypeOrmDatabase.open()) as OrdersDatabase as Database);

    @WebSocketGateway()
    class Orders {
      readonly outbox: TransactionalOutbox;

      constructor(outbox: TransactionalOutbox) {
        this.outbox = outbox;
      }

      handleConnection(connection: Connection): void {
        connection.join('orders');
      }

      @RecordOutcome('transaction')
      @SubscribeMessage('place')
      async place(
        @MessageBody() order: Order,
        @Settlement() settlement: MessageSettlement<EntityManager>,
        @ConnectedSocket() _connection: Connection,
      ): Promise<unknown> {
        const { n, ending, reply = { placed: n } } = order;
        const placing = database.transaction(async (tx) => {
          await first(order);
          await database.insert(tx, n);
          await this.outbox.emit(tx, { room: 'orders' }, 'placed', { n });
          if (ending === 'unsettled') return reply;
          const settled = await settlement.settle(tx, reply);
          if (ending === 'rollback') throw new Error('no stock');
          return settled;
        });
        if (ending === 'swallows') return placing.catch(() => ({ swallowed: true }));
        const placed = await placing;
        if (ending === 'failed later') throw new Error('the mail was not sent');
        return ending === 'returns nothing' ? undefined : placed;
      }

      @RecordOutcome('transaction')
      @SubscribeMessage('other')
      other(): string {
        return 'other';
      }
    }
    Reflect.defineMetadata('design:paramtypes', [TransactionalOutbox], Orders);
    const logged: string[] = [];
    const note = (line: unknown): void => void logged.push(String(line));
    const nest = await NestApp.start({
      options: { transactions: { store: database.store, ...transactions }, ...options },
      providers: [Orders],
      logger: { log: () => undefined, warn: note, error: note, fatal: note },
    });
    return new OrdersApp<Database>(nest, database, logged);
  }

  get counts(): Readonly<Record<string, number>> {
    return this.server.stats().stages;
  }

  get server() {
    return this.nest.app.get(GatewireServer);
  }

  get outbox(): TransactionalOutbox<EntityManager> {
    return this.nest.app.get(TransactionalOutbox);
  }

  async stop(): Promise<void> {
    await this.nest.stop();
    await this.database.close();
  }
}
