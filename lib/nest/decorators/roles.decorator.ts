import { RolesStage } from '../../pipeline/stages/authorization/roles.stage.js';
import { type AccessDecorator, accessDecorator } from './access-decorator.js';

/**
 * Lets only those use a handler, or all handlers of a gateway, whose principal has at least one of these roles: in `roles`
 * (a list, or words) or `role`. Asked for each message, before guards; others get `FORBIDDEN`, and without a principal
 * `UNAUTHENTICATED`. Where both the gateway and the handler name roles, one of each is needed.
 *
 * A guard of your own reads the roles with `reflector.get<string[]>(Roles.KEY, context.getHandler())`.
 */
export const Roles: AccessDecorator = accessDecorator(
  'Roles',
  'gatewire:roles',
  (host, ...roles) => new RolesStage(roles, host),
);
