import type { Next } from '../../../exchange/compose.js';
import { OptionError } from '../../../primitives/option-error.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import { Grants } from './granted.js';

/** Lets messages pass whose principal has every one of some scopes. */
export class ScopesStage implements GatewayMiddleware {
  readonly #required: readonly string[];
  readonly #host: StageHost;
  readonly #grants = new Grants(['scope', 'scp']);

  /** @throws {OptionError} without a scope */
  constructor(required: readonly string[], host: StageHost) {
    if (required.length === 0 || required.some((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)))
      throw new OptionError('@Scopes', 'scopes without spaces (RFC 6749 section 3.3)', required.join(', '));
    this.#required = required;
    this.#host = host;
  }

  inbound(message: InboundMessage, next: Next): void | Promise<void> {
    const { principal } = message;
    if (principal === undefined) return message.reject(ErrorCode.Unauthenticated, 'credentials are needed');
    const granted = this.#grants.of(principal);
    if (this.#required.every((scope) => granted.has(scope))) return next();
    const missing = this.#required.filter((scope) => !granted.has(scope));
    this.#host.count('scopes.refused');
    message.reject(ErrorCode.Forbidden, `missing scope: ${missing.join(' ')}`, { missing });
  }
}
