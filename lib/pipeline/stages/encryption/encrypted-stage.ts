import type { Next } from '../../../exchange/compose.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';

/** Lets only messages pass that came encrypted. */
export class EncryptedStage implements GatewayMiddleware {
  readonly #host: StageHost;

  constructor(host: StageHost) {
    this.#host = host;
  }

  inbound(message: InboundMessage, next: Next): void | Promise<void> {
    if (message.protection?.encrypted !== undefined) return next();
    this.#host.count('encryption.demanded');
    message.reject(ErrorCode.ProtectionRequired, 'this message must be encrypted');
  }
}
