import { UsePipes, ValidationPipe } from '@nestjs/common';
import {
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
} from '@nestjs/websockets';
import {
  Connection,
  GatewireServer,
  type MessageSettlement,
  Meta,
  OnSubscribe,
  Principal,
  RecordOutcome,
  Settlement,
  TransactionalOutbox,
} from 'gatewire';
import type { EntityManager } from 'typeorm';
import { OrderDto } from './order.dto.js';
import { OrderRow } from './order-row.js';
import { OrdersDatabase } from './orders-database.js';
import type { Count, OrdersContract, PlacedOrder, Receipt } from './orders-events.js';

const buyerId = /^[\w-]{8,64}$/;
const latestShown = 50;

@WebSocketGateway({ path: '/orders' })
@UsePipes(new ValidationPipe({ whitelist: true }))
export class OrdersGateway implements OnGatewayConnection<Connection> {
  @WebSocketServer()
  private readonly server!: GatewireServer<OrdersContract['receive']>;

  constructor(
    private readonly database: OrdersDatabase,
    private readonly outbox: TransactionalOutbox<EntityManager>,
  ) {}

  /** Also after each restart, for every session that is back. A real application takes from a token who somebody is. */
  handleConnection(connection: Connection): void {
    const buyer = connection.handshake.query.get('buyer') ?? '';
    if (!buyerId.test(buyer)) throw new WsException('Who is ordering?');
    connection.principal = { id: buyer };
  }

  @OnSubscribe('orders')
  mayWatch(): boolean {
    return true;
  }

  /** The order, what everybody is told, and that this message has been handled: all of it, or nothing. */
  @RecordOutcome('transaction')
  @SubscribeMessage('order.place')
  place(
    @MessageBody() { drink, cups }: OrderDto,
    @Meta('key') key: string | undefined,
    @Principal('id') buyer: string,
    @Settlement() settlement: MessageSettlement<EntityManager>,
  ): Promise<Receipt> {
    if (key === undefined) throw new WsException('An order needs a key');
    return this.database.transaction(async (tx) => {
      const { number, at } = await tx.save(tx.create(OrderRow, { key, buyer, drink, cups, at: Date.now() }));
      await this.outbox.emit(tx, { room: 'orders' }, 'order.placed', { number, key, drink, cups, at });
      return settlement.settle(tx, { number });
    });
  }

  @SubscribeMessage('order.count')
  count(@Principal('id') buyer: string): Promise<Count> {
    return this.database.read(async (manager) => {
      const own = await manager.find(OrderRow, { where: { buyer }, order: { number: 'ASC' } });
      return { rows: own.map(({ number, key }) => [number, key]), total: await manager.count(OrderRow) };
    });
  }

  @SubscribeMessage('order.latest')
  async latest(): Promise<PlacedOrder[]> {
    const { messages } = await this.server.history('orders').read({ order: 'newest', limit: latestShown });
    return messages.map(({ data }) => data as PlacedOrder);
  }
}
