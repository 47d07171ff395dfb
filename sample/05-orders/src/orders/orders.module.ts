import { Module } from '@nestjs/common';
import { GatewireModule } from 'gatewire';
import { SqliteMessageLog, SqliteSessionStore } from 'gatewire/sqlite';
import { dataFile } from './data-file.js';
import { OrdersDatabase } from './orders-database.js';
import { OrdersDatabaseModule } from './orders-database.module.js';
import { OrdersGateway } from './orders.gateway.js';

/** The same in each life: a server goes on at once with what the one before has left. */
const node = 'orders';

@Module({
  imports: [
    OrdersDatabaseModule,
    GatewireModule.forRootAsync({
      imports: [OrdersDatabaseModule],
      inject: [OrdersDatabase],
      useFactory: ({ outcomes }: OrdersDatabase) => ({
        transactions: { store: outcomes, node },
        session: { store: new SqliteSessionStore({ file: dataFile('sessions.db') }), node },
        history: {
          rooms: { orders: { count: 1_000 } },
          log: new SqliteMessageLog({ file: dataFile('history.db') }),
        },
        // The page comes from the supervisor, on another port of this host.
        origins: isOfThisHost,
      }),
    }),
  ],
  providers: [OrdersGateway],
})
export class OrdersModule {}

function isOfThisHost(origin: string, host = ''): boolean {
  return URL.canParse(origin) && new URL(origin).hostname === new URL(`http://${host}`).hostname;
}
