import type { Next } from '../../../exchange/compose.js';
import { OptionError } from '../../../primitives/option-error.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import type { InboundFrame } from '../../inbound-frame.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import type { BinaryRule } from '../../../exchange/filter/binary-rule.js';
import {
  type DropOutcome,
  filteredOut,
  type RejectOutcome,
} from '../../../exchange/filter/filter-outcome.js';

/** A binary rule for whole binary frames: for endpoints whose frames are bytes and nothing else. */
export class BinaryFrameFilterStage implements GatewayMiddleware {
  readonly #rule: BinaryRule;
  readonly #outcome: DropOutcome | RejectOutcome;
  readonly #host: StageHost;

  /** @throws {OptionError} for an outcome that a frame cannot have */
  constructor(rule: BinaryRule, host: StageHost) {
    const { outcome } = rule;
    if (!('drop' in outcome) && !('reject' in outcome))
      throw new OptionError(
        'outcome',
        'drop or reject, as frames have no other',
        Object.keys(outcome).join(),
      );
    this.#rule = rule;
    this.#outcome = outcome;
    this.#host = host;
  }

  inboundFrame(frame: InboundFrame, next: Next): void | Promise<void> {
    if (!frame.isBinary || this.#rule.allows(frame.data)) return next();
    const outcome = this.#outcome;
    if ('drop' in outcome) {
      this.#host.count('message-filter.dropped');
      frame.drop(outcome.drop);
      return;
    }
    this.#host.count('message-filter.rejected');
    throw new GatewireError(outcome.reject, outcome.message ?? filteredOut, { details: outcome.details });
  }
}
