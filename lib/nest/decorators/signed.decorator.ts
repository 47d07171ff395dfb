import { SignedStage, type SignedOptions } from '../../pipeline/stages/signing/signed-stage.js';
import { SigningStage, type SigningOptions } from '../../pipeline/stages/signing/signing-stage.js';
import { stageDecorator } from './use-middleware.decorator.js';

/**
 * Verifies signed frames, and signs what goes out: for the module's option `middleware`, or a gateway, whose whole
 * endpoint it then serves.
 *
 * @example
 * GatewireModule.forRoot({ middleware: [Signing.of({ keys: staticKeys([hmacKey('k1', secret)]) })] })
 */
export const Signing = stageDecorator(
  'Signing',
  (host, options: SigningOptions) => new SigningStage(options, host),
);

/**
 * Lets only signed messages into a handler, or into all of a gateway: others get `PROTECTION_REQUIRED`, before guards.
 *
 * @example
 * \@Signed({ by: ({ kid }, { connection }) => kid === connection.principal?.id })
 * \@SubscribeMessage('order.create')
 * create(@MessageBody() order: OrderDto) {}
 */
export const Signed = stageDecorator(
  'Signed',
  (host, options: SignedOptions = {}) => new SignedStage(options, host),
);
