import type { MiddlewareReference } from '../gatewire.options.js';
import { metadataKeys } from '../metadata-keys.js';
import { annotate } from './annotate.js';

/**
 * Puts the inbound phase of middleware before the handlers of a gateway, or before one handler. Those of the module
 * run first, then the gateway's, then the handler's; all before guards.
 *
 * @example
 * \@UseMiddleware(AuditTrail)
 * \@SubscribeMessage('order.create')
 * create(@MessageBody() order: OrderDto) {}
 */
export function UseMiddleware(...middleware: MiddlewareReference[]): ClassDecorator & MethodDecorator {
  return annotate(metadataKeys.middleware, middleware);
}
