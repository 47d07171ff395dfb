import type { Connection } from '../../../connection/connection.js';
import type { Next } from '../../../exchange/compose.js';
import { isPromise } from '../../../primitives/is-promise.js';
import { durationMs } from '../../../primitives/option-checks.js';
import { OptionError } from '../../../primitives/option-error.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { constantTimeEqual } from '../../constant-time-equal.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import type { SignatureInfo } from '../../protection.js';
import { accepted } from './accepted.js';
import type { Authentication, AuthenticationStrategy, Verified } from './authentication.js';
import { Authenticator } from './authenticator.js';

/** What a message must bring. */
export interface AuthenticateMessagesOptions {
  /** Verify `meta.token`: those that take tokens, `jwt()` and `introspection()`. @default [] */
  readonly strategies?: readonly AuthenticationStrategy[];
  /** Who a verified signature of the frame stands for; nobody refuses. @default undefined: signatures say nothing */
  readonly bySignature?: (signature: SignatureInfo) => Verified | Promise<Verified>;
  /** Refuses messages that have neither; otherwise they speak for their connection. @default true */
  readonly required?: boolean;
  /** For how long the same token on the same connection is not verified again. `false`: each time. @default 30_000 */
  readonly reuseMs?: number | false;
}

interface Verification {
  readonly token: string;
  readonly authentication: Authentication;
  readonly untilMs: number;
}

/**
 * Finds out whom single messages speak for, by `meta.token` or by the signature of their frame: `message.principal`, which
 * `@Principal()`, `@Scopes()` and `@Roles()` go by. The token is taken out of `meta` when it is good.
 */
export class AuthenticateMessagesStage implements GatewayMiddleware {
  readonly #authenticator: Authenticator;
  readonly #host: StageHost;
  readonly #bySignature: AuthenticateMessagesOptions['bySignature'];
  readonly #isRequired: boolean;
  readonly #reuseMs: number;
  /** The last good token of each connection. */
  readonly #verified = new WeakMap<Connection, Verification>();

  /** @throws {OptionError} */
  constructor(options: AuthenticateMessagesOptions, host: StageHost) {
    const { strategies = [], bySignature, required = true, reuseMs = 30_000 } = options;
    if (strategies.length === 0 && bySignature === undefined)
      throw new OptionError('authenticateMessages', '"strategies" or "bySignature"', 'neither');
    for (const strategy of strategies) {
      if (typeof strategy.verifyToken !== 'function')
        throw new OptionError(
          'authenticateMessages.strategies',
          'strategies that take tokens',
          'another one',
        );
    }
    this.#authenticator = new Authenticator(strategies, host);
    this.#host = host;
    this.#bySignature = bySignature;
    this.#isRequired = required;
    this.#reuseMs = reuseMs === false ? 0 : durationMs('authenticateMessages.reuseMs', reuseMs, 0);
  }

  inbound(message: InboundMessage, next: Next): void | Promise<void> {
    const found = this.#find(message);
    if (isPromise(found)) return found.then((settled) => this.#go(message, settled, next));
    return this.#go(message, found, next);
  }

  #find(message: InboundMessage): Authentication | undefined | Promise<Authentication> {
    const token = message.meta?.['token'];
    if (typeof token === 'string') return this.#verify(message.connection, token);
    const signature = message.protection?.signed;
    if (signature === undefined || this.#bySignature === undefined) return undefined;
    return accepted(this.#bySignature(signature));
  }

  #go(message: InboundMessage, authentication: Authentication | undefined, next: Next): void | Promise<void> {
    if (authentication !== undefined) {
      message.principal = authentication.principal;
      if (message.meta?.['token'] !== undefined) {
        const { token: _, ...meta } = message.meta;
        message.meta = meta;
      }
      return next();
    }
    if (!this.#isRequired) return next();
    this.#host.count('authentication.message-refused');
    message.reject(ErrorCode.Unauthenticated, 'the message needs credentials of its own');
  }

  #verify(connection: Connection, token: string): Authentication | Promise<Authentication> {
    const before = this.#verified.get(connection);
    if (
      before !== undefined &&
      before.untilMs > this.#host.clock.now() &&
      constantTimeEqual(token, before.token)
    )
      return before.authentication;
    const verified = this.#authenticator.verifyToken(token);
    if (isPromise(verified)) return verified.then((settled) => this.#remember(connection, token, settled));
    return this.#remember(connection, token, verified);
  }

  #remember(connection: Connection, token: string, authentication: Authentication): Authentication {
    const leftMs = (authentication.expiresAt ?? Infinity) - Date.now();
    const untilMs = this.#host.clock.now() + Math.min(this.#reuseMs, leftMs);
    this.#verified.set(connection, { token, authentication, untilMs });
    return authentication;
  }
}
