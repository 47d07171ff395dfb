import type { GatewayMiddleware, MiddlewareFactory, StageHost } from '../../pipeline/middleware.js';
import type { MiddlewareReference } from '../gatewire.options.js';
import { metadataKeys } from '../metadata-keys.js';

/**
 * Puts middleware before the handlers of a gateway, or before one handler. Those of the module run first, then the
 * gateway's, then the handler's; all before guards. Several of these decorators on one target run from top to bottom.
 *
 * @example
 * \@UseMiddleware(AuditTrail, RateLimit.of({ messages: 10, perMs: 1_000 }))
 * \@SubscribeMessage('order.create')
 * create(@MessageBody() order: OrderDto) {}
 */
export function UseMiddleware(...middleware: MiddlewareReference[]): ClassDecorator & MethodDecorator {
  return (target: object, _name?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place = (descriptor?.value as object | undefined) ?? target;
    // Decorators are applied from the bottom up. Own metadata only: a subclass must not change its parent's list.
    const below = (Reflect.getMetadata(metadataKeys.middleware, place) ?? []) as MiddlewareReference[];
    Reflect.defineMetadata(metadataKeys.middleware, [...middleware, ...below], place);
  };
}

/** A decorator made of a built-in stage: `@RateLimit({...})`; and `RateLimit.of({...})` for lists of middleware. */
export interface StageDecorator<Options extends readonly unknown[]> {
  (...options: Options): ClassDecorator & MethodDecorator;
  /** The same stage for the module's option `middleware`, or for `@UseMiddleware()`. */
  of(...options: Options): MiddlewareFactory;
}

/** @param create makes the stage of one use; called for each application */
export function stageDecorator<Options extends readonly unknown[]>(
  name: string,
  create: (host: StageHost, ...options: Options) => GatewayMiddleware,
): StageDecorator<Options> {
  const of = (...options: Options): MiddlewareFactory => ({
    name,
    create: (host) => create(host, ...options),
  });
  return Object.assign((...options: Options) => UseMiddleware(of(...options)), { of });
}
