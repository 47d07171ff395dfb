import type { Next } from '../../../exchange/compose.js';
import { OptionError } from '../../../primitives/option-error.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import { Grants } from './granted.js';

/** Lets messages pass whose principal has one of some roles. */
export class RolesStage implements GatewayMiddleware {
  readonly #accepted: readonly string[];
  readonly #host: StageHost;
  readonly #grants = new Grants(['roles', 'role']);

  /** @throws {OptionError} without a role */
  constructor(accepted: readonly string[], host: StageHost) {
    if (accepted.length === 0 || accepted.includes(''))
      throw new OptionError('@Roles', 'names of roles', accepted.join(', '));
    this.#accepted = accepted;
    this.#host = host;
  }

  inbound(message: InboundMessage, next: Next): void | Promise<void> {
    const { principal } = message;
    if (principal === undefined) return message.reject(ErrorCode.Unauthenticated, 'credentials are needed');
    const granted = this.#grants.of(principal);
    if (this.#accepted.some((role) => granted.has(role))) return next();
    this.#host.count('roles.refused');
    message.reject(ErrorCode.Forbidden, `needs one of the roles: ${this.#accepted.join(', ')}`, {
      anyOf: this.#accepted,
    });
  }
}
