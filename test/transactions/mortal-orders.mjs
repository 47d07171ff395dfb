/**
 * An application that is made to be killed: `node mortal-orders.mjs <compiled program> <folder> <port> <moment> <library> <file or URL of the database> [compiled client]`.
 * Prints `ready`, and the moment when it is there, where it stays.
 */
import 'reflect-metadata';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { databases } from './mortal-databases.mjs';

const [program, folder, port, moment, kind, place, compiledClient] = process.argv.slice(2);
const load = (path) => import(join(program, path));
const { GatewireModule } = await load('nest/gatewire.module.js');
const { RecordOutcome } = await load('nest/decorators/record-outcome.decorator.js');
const { Settlement } = await load('nest/decorators/settlement.decorator.js');
const { TransactionalOutbox } = await load('delivery/transactional-outbox.js');
const { SqliteMessageLog, SqliteSessionStore } = await load('store/sqlite/index.js');

const say = (line) => process.stdout.write(`${line}\n`);
/** Stays here for ever, if it is here that it ends. */
const at = (here) => {
  if (here !== moment) return undefined;
  say(here);
  return new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));
};

const stores = await load('store/transaction/index.js');
const { store, transaction, insert } = await databases[kind](place, stores, compiledClient);
const remove = store.removeEmits.bind(store);
store.removeEmits = async (ids) => {
  await at('sent');
  return remove(ids);
};

class Orders {
  constructor(outbox) {
    this.outbox = outbox;
  }

  async place({ n }, settlement) {
    const placed = await transaction(async (tx) => {
      await at('begun');
      await insert(tx, n);
      await this.outbox.emit(tx, { room: 'orders' }, 'placed', { n });
      const settled = await settlement.settle(tx, { placed: n, by: process.pid });
      await at('settled');
      return settled;
    });
    await at('committed');
    return placed;
  }
}
Reflect.defineMetadata('design:paramtypes', [TransactionalOutbox], Orders);
Reflect.defineMetadata('design:paramtypes', [Object, Object], Orders.prototype, 'place');
MessageBody()(Orders.prototype, 'place', 0);
Settlement()(Orders.prototype, 'place', 1);
const descriptor = Object.getOwnPropertyDescriptor(Orders.prototype, 'place');
RecordOutcome('transaction')(Orders.prototype, 'place', descriptor);
SubscribeMessage('place')(Orders.prototype, 'place', descriptor);
WebSocketGateway()(Orders);

class AppModule {}
Module({
  imports: [
    GatewireModule.forRoot({
      // What stays where it has committed has sent nothing yet: it may not look for it either.
      transactions: { store, node: 'mortal', pollMs: moment === 'committed' ? 3_600_000 : 20 },
      history: {
        rooms: { orders: { count: 100 } },
        log: new SqliteMessageLog({ file: join(folder, 'history.db'), durability: 'normal' }),
      },
      session: {
        store: new SqliteSessionStore({ file: join(folder, 'sessions.db'), durability: 'normal' }),
        node: 'mortal',
      },
    }),
  ],
  providers: [Orders],
})(AppModule);
const app = await NestFactory.create(AppModule, { logger: ['error'], abortOnError: false });
await app.listen(Number(port), '127.0.0.1');
say('ready');
