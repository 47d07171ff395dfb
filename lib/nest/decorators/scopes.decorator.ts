import { ScopesStage } from '../../pipeline/stages/authorization/scopes.stage.js';
import { type AccessDecorator, accessDecorator } from './access-decorator.js';

/**
 * Lets only those use a handler, or all handlers of a gateway, whose principal has every one of these scopes: in `scope`
 * (words) or `scp` (a list). Asked for each message, before guards; others get `FORBIDDEN` with what is missing, and
 * without a principal `UNAUTHENTICATED`. A handler's scopes come on top of its gateway's.
 *
 * @example
 * \@Scopes('orders:write')
 * \@SubscribeMessage('order.create')
 * create(@MessageBody() order: OrderDto) {}
 */
export const Scopes: AccessDecorator = accessDecorator(
  'Scopes',
  'gatewire:scopes',
  (host, ...scopes) => new ScopesStage(scopes, host),
);
