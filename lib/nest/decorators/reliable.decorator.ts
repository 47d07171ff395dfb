import { type ReliableHandlerOptions, resolveReliableHandler } from '../../pipeline/reliable-handling.js';
import { metadataKeys } from '../metadata-keys.js';
import { annotate } from './annotate.js';

/**
 * Calls a handler again when it fails, as a strategy says; its message has one outcome, at the end. On a class, for all its
 * handlers that say nothing themselves. What is given up is a dead letter (`onDeadLetter` of the gateway), and the requester gets the last error.
 *
 * Only the method is called again, within its interceptors: guards and pipes have said yes, and what they refuse is refused once. A stream
 * that has begun is not begun again. Nothing is tried after `meta.deadlineMs`, after a `$cancel`, or when the connection is gone (but see `afterClose`).
 * What the method has done before it failed is done: it has to bear being called twice.
 *
 * @throws {OptionError}
 *
 * @example
 * \@Reliable({ retry: exponential({ count: 5 }), when: (error) => error instanceof DatabaseBusyError })
 * \@SubscribeMessage('order.create')
 * create(@MessageBody() order: OrderDto) {}
 */
export function Reliable(options?: ReliableHandlerOptions): ClassDecorator & MethodDecorator {
  return annotate(metadataKeys.reliable, resolveReliableHandler(options));
}
