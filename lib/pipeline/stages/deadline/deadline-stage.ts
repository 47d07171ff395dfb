import { durationMs } from '../../../primitives/option-checks.js';
import { isPromise } from '../../../primitives/is-promise.js';
import type { Next } from '../../../exchange/compose.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import { deadlineExceeded } from './deadline-exceeded.js';

/**
 * Answers `DEADLINE_EXCEEDED` for a handler that takes too long, and fires its signal (`@AbortSignalParam()`). The handler
 * keeps its place among those that run at once until it has really ended; what it gives then is counted and goes nowhere.
 */
export class DeadlineStage implements GatewayMiddleware {
  readonly #ms: number;
  readonly #host: StageHost;

  /** @param ms for what follows this stage, in milliseconds @throws {OptionError} */
  constructor(ms: number, host: StageHost) {
    this.#ms = durationMs('@Deadline', ms);
    this.#host = host;
  }

  inbound(message: InboundMessage, next: Next): void | Promise<void> {
    const pending = next();
    if (!isPromise(pending)) return pending;
    const { clock } = this.#host;
    const timer = clock.setTimeout(() => {
      this.#host.count('deadline.exceeded');
      message.expire(deadlineExceeded);
    }, this.#ms);
    return pending.finally(() => clock.clearTimeout(timer));
  }
}
