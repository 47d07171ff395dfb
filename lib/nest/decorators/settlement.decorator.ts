import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { MessageSettlement } from '../../pipeline/settlement/message-settlement.js';
import { settlementOf } from '../execution-context.js';

/**
 * What a handler with `@RecordOutcome('transaction')` ends its transaction with; undefined in any other.
 *
 * @example
 * \@RecordOutcome('transaction')
 * \@SubscribeMessage('order.place')
 * place(@MessageBody() order: OrderDto, @Settlement() settlement: MessageSettlement<EntityManager>) {
 *   return this.dataSource.transaction(async (tx) => settlement.settle(tx, await tx.save(order)));
 * }
 */
export const Settlement = createParamDecorator(
  (_: unknown, context: ExecutionContext): MessageSettlement | undefined => settlementOf(context),
);
