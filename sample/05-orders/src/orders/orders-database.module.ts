import { Module } from '@nestjs/common';
import { dataFile } from './data-file.js';
import { Mortality } from './mortality.js';
import { OrdersDatabase } from './orders-database.js';

@Module({
  providers: [
    Mortality,
    {
      provide: OrdersDatabase,
      inject: [Mortality],
      useFactory: (mortality: Mortality) => OrdersDatabase.open(dataFile('orders.db'), mortality),
    },
  ],
  exports: [OrdersDatabase],
})
export class OrdersDatabaseModule {}
