import { OptionError } from '../../primitives/option-error.js';
import { metadataKeys } from '../metadata-keys.js';
import type { AuthenticateMetadata, StrategyReference } from '../authenticators.js';
import { annotate } from './annotate.js';

/**
 * Lets only those connect to a gateway whose credentials one of the strategies accepts: the first that finds its kind of
 * credentials decides. Before the 101, with 401 or 403 for the others; afterwards `connection.principal` says who it is.
 * In place of the module's option `authenticate`; with `false`, the gateway is open to everybody.
 *
 * Gateways of one path share their connections: where one asks, all are asked, and they need the same strategies.
 *
 * @throws {OptionError} without a strategy
 *
 * @example
 * \@Authenticate(jwt({ jwksUrl: 'https://id.example.com/jwks', algorithms: ['ES256'] }), apiKey({ keys }))
 * \@WebSocketGateway({ path: '/orders' })
 * export class OrdersGateway {}
 */
export function Authenticate(
  ...strategies: readonly [false] | readonly [StrategyReference, ...StrategyReference[]]
): ClassDecorator {
  if (strategies.length === 0) throw new OptionError('@Authenticate', 'a strategy, or false', 'nothing');
  const metadata: AuthenticateMetadata = strategies[0] === false ? false : strategies;
  return annotate(metadataKeys.authenticate, metadata);
}
