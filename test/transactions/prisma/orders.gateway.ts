import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../../../lib/connection/connection.js';
import { TransactionalOutbox } from '../../../lib/delivery/transactional-outbox.js';
import { RecordOutcome } from '../../../lib/nest/decorators/record-outcome.decorator.js';
import { Settlement } from '../../../lib/nest/decorators/settlement.decorator.js';
import type { MessageSettlement } from '../../../lib/pipeline/settlement/message-settlement.js';
import type { Prisma, PrismaClient } from './generated/client.js';

interface OrderDto {
  readonly item: string;
}

/** What Nest injects: a client of Prisma. */
export abstract class PrismaService {
  abstract readonly $transaction: PrismaClient['$transaction'];
}

/** Has the handler of docs/transactions.md, word for word. */
@WebSocketGateway()
export class Orders {
  readonly prisma: PrismaService;
  readonly outbox: TransactionalOutbox<Prisma.TransactionClient>;

  constructor(prisma: PrismaService, outbox: TransactionalOutbox<Prisma.TransactionClient>) {
    this.prisma = prisma;
    this.outbox = outbox;
  }

  handleConnection(connection: Connection): void {
    connection.join('orders');
  }

  @RecordOutcome('transaction')
  @SubscribeMessage('order.place')
  place(
    @MessageBody() data: OrderDto,
    @Settlement() settlement: MessageSettlement<Prisma.TransactionClient>,
  ): Promise<unknown> {
    return this.prisma.$transaction(async (tx) => {
      const placed = await tx.order.create({ data });
      await this.outbox.emit(tx, { room: 'orders' }, 'order.placed', placed);
      return settlement.settle(tx, { number: placed.number });
    });
  }
}
