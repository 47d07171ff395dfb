import type { Type } from '@nestjs/common';
import type { GatewayMiddleware, MiddlewareFactory } from '../pipeline/middleware.js';
import type { ConfiguredMiddleware } from './configured-middleware.js';
import type { MessageParser } from '../server/frame-decoder.js';
import type { EngineOptions } from '../server/options.js';
import type { StrategyReference } from './authenticators.js';
import type { TransactionOptions } from './transaction.options.js';

/**
 * A middleware: its class, which the container makes or already has; its class with options (`withOptions`); an
 * instance; or what `RateLimit.of({...})` and the like give.
 */
export type MiddlewareReference =
  Type<GatewayMiddleware> | ConfiguredMiddleware | GatewayMiddleware | MiddlewareFactory;

/** Everything `GatewireModule.forRoot()` and `GatewireAdapter` take. Every key is optional. */
export interface GatewireOptions extends EngineOptions {
  /** Stages of every endpoint's pipeline, in order; outbound in reverse. @default [] */
  readonly middleware?: readonly MiddlewareReference[];
  /** Who may connect to gateways that have no `@Authenticate()` of their own. @default [], which is everybody */
  readonly authenticate?: readonly StrategyReference[];
  /**
   * Asks the guards of the gateway class (and global ones) before the 101 too, not only those on `handleConnection`.
   * They see the connection as client and no data. @default false
   */
  readonly guardConnections?: boolean;
  /** Lets global exception filters see errors of gateways. A catch-all written for HTTP would swallow them. @default false */
  readonly globalFilters?: boolean;
  /** Outcomes and emits within the application's own database transactions (docs/transactions.md). @default none */
  readonly transactions?: TransactionOptions;
  /** Reads every frame instead of the wire protocol, as with platform-ws; what it returns nothing for is ignored. */
  readonly messageParser?: MessageParser;
}
