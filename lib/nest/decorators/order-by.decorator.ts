import type { InboundMessage } from '../../pipeline/inbound-message.js';
import { metadataKeys } from '../metadata-keys.js';
import { annotate } from './annotate.js';

/** Says what a message is ordered by. Nil: it waits for nobody. */
export type OrderingKey = (data: any, message: InboundMessage) => unknown;

/**
 * Messages of one connection with equal keys pass their handler one after the other; others are not held up.
 *
 * @param key a function of the data, or the path of a property in it (`order.id`)
 *
 * @example
 * \@OrderBy('order.id')
 * \@SubscribeMessage('order.update')
 * update(@MessageBody() change: ChangeDto) {}
 */
export function OrderBy(key: OrderingKey | string): MethodDecorator {
  return annotate(metadataKeys.orderBy, typeof key === 'string' ? propertyAt(key.split('.')) : key);
}

function propertyAt(path: readonly string[]): OrderingKey {
  return (data: unknown) =>
    path.reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      data,
    );
}
