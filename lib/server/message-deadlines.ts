import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { StageHost } from '../pipeline/middleware.js';
import { deadlineExceeded } from '../pipeline/stages/deadline/deadline-exceeded.js';
import type { TimerHandle } from '../primitives/clock.js';
import { OptionError } from '../primitives/option-error.js';
import { CloseCode } from '../protocol/close-code.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';

/**
 * What becomes of a message whose `meta.deadlineMs` was over before its handler could be entered.
 *
 * - `drop`: a requester gets `DEADLINE_EXCEEDED`, others the `exception` event.
 * - `handle`: it is handled as if it were in time.
 * - `close`: the connection is closed with 4408, as what is asked of it cannot be done in time.
 */
export type LateMessagePolicy = 'drop' | 'handle' | 'close';

const policies: readonly unknown[] = ['drop', 'handle', 'close'] satisfies LateMessagePolicy[];
const longestMs = 2 ** 31 - 1;

const badDeadline = new GatewireError(
  ErrorCode.BadRequest,
  `meta.deadlineMs must be a number from 1 to ${longestMs}`,
);

/** @throws {OptionError} */
export function resolveLateMessagePolicy(input: LateMessagePolicy = 'drop'): LateMessagePolicy {
  if (!policies.includes(input))
    throw new OptionError('lateMessages', `one of ${policies.join(', ')}`, input);
  return input;
}

/** Holds messages to the deadline that their sender has given them (PROTOCOL.md, "meta"). */
export class MessageDeadlines {
  readonly #policy: LateMessagePolicy;
  readonly #host: StageHost;

  constructor(policy: LateMessagePolicy, host: StageHost) {
    this.#policy = policy;
    this.#host = host;
  }

  /** Runs a message that may have a deadline. `refuse` tells the peer that it will not be handled. */
  run(
    message: InboundMessage,
    run: () => PromiseLike<void> | undefined,
    refuse: (error: unknown) => void,
  ): PromiseLike<void> | undefined {
    const asked = message.meta?.['deadlineMs'];
    if (asked === undefined) return run();
    if (typeof asked !== 'number' || !(asked >= 1 && asked <= longestMs)) {
      refuse(badDeadline);
      return undefined;
    }
    const { clock } = this.#host;
    const leftMs = asked - (clock.now() - message.receivedAt);
    if (leftMs <= 0) return this.#late(message, run, refuse);
    const pending = run();
    if (pending === undefined) return undefined;
    const timer: TimerHandle = clock.setTimeout(() => {
      this.#host.count('deadline.exceeded');
      message.expire(deadlineExceeded);
    }, leftMs);
    return pending.then(() => clock.clearTimeout(timer));
  }

  #late(
    { connection }: InboundMessage,
    run: () => PromiseLike<void> | undefined,
    refuse: (error: unknown) => void,
  ): PromiseLike<void> | undefined {
    this.#host.count('deadline.late');
    if (this.#policy === 'handle') return run();
    refuse(deadlineExceeded);
    if (this.#policy === 'close')
      connection.close(CloseCode.RequestTimeout, 'messages are older than their deadline');
    return undefined;
  }
}
