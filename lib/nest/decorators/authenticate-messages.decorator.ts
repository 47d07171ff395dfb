import { AuthenticateMessagesStage } from '../../pipeline/stages/authentication/authenticate-messages.stage.js';
import type { AuthenticateMessagesOptions } from '../../pipeline/stages/authentication/authenticate-messages.stage.js';
import { type StageDecorator, stageDecorator } from './use-middleware.decorator.js';

/**
 * Asks for credentials with each message: `meta.token`, or the signature of the frame. Its principal takes the place of
 * the connection's for this message. Messages without, or with bad ones, get `UNAUTHENTICATED`.
 *
 * @example
 * \@AuthenticateMessages({ strategies: [jwt({ jwksUrl, algorithms: ['ES256'] })] })
 * \@SubscribeMessage('payment.approve')
 * approve(@Principal() approver: PrincipalClaims) {}
 */
export const AuthenticateMessages: StageDecorator<[options: AuthenticateMessagesOptions]> = stageDecorator(
  'AuthenticateMessages',
  (host, options: AuthenticateMessagesOptions) => new AuthenticateMessagesStage(options, host),
);
