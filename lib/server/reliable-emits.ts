import type { Connection } from '../connection/connection.js';
import type { EmitOptions, ReliableOptions, RequestOptions } from '../connection/emit-options.js';
import type { AskProgress } from '../exchange/ask-repeatedly.js';
import { exponential, type RetryStrategy } from '../exchange/retry-strategy.js';
import type { DeadLetterReason } from '../pipeline/dead-letter.js';
import type { DeadLetters } from '../pipeline/dead-letters.js';
import type { StageHost } from '../pipeline/middleware.js';
import { durationMs } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import { randomId } from '../primitives/random-id.js';
import { ErrorCode } from '../protocol/error-code.js';
import { isGatewireError } from '../protocol/gatewire-error.js';

/** Asks one connection. */
export type Ask = (options: RequestOptions, progress: AskProgress) => Promise<unknown>;

/** Emits that are sent again until they are acknowledged, and what becomes of those that are not. */
export class ReliableEmits {
  readonly #host: StageHost;
  readonly #deadLetters: DeadLetters;

  constructor(host: StageHost, deadLetters: DeadLetters) {
    this.#host = host;
    this.#deadLetters = deadLetters;
  }

  /** False: the connection is closed, and it is a dead letter already. @throws {OptionError} */
  send(connection: Connection, event: string, data: unknown, options: EmitOptions, ask: Ask): boolean {
    if (options.volatile === true) throw new OptionError('volatile', 'absent for what is reliable', true);
    const { retry, ackMs, ack } = resolveReliable(options.reliable);
    const host = this.#host;
    const progress: AskProgress = { attempts: 0, isGivenUp: false };
    // By the key a receiver knows again what it has had, also in another session.
    const meta = { key: randomId(), ...options.meta };
    const isThere = connection.canSend;
    host.count('reliable.emits');
    ask(
      { retry, meta, ...(ackMs !== undefined && { timeoutMs: ackMs }), ...(ack && { ack }) },
      progress,
    ).then(
      () => host.count('reliable.acknowledged'),
      (error: unknown) => {
        const { attempts } = progress;
        const reason = reasonOf(error, progress);
        this.#deadLetters.bury({
          direction: 'outbound',
          connection,
          event,
          data,
          meta,
          attempts,
          reason,
          error,
        });
      },
    );
    return isThere;
  }
}

/** @throws {OptionError} */
function resolveReliable(reliable: EmitOptions['reliable']): {
  readonly retry: RetryStrategy;
  readonly ackMs: number | undefined;
  readonly ack: 'http' | undefined;
} {
  const {
    retry = exponential({ count: 5 }),
    ackMs,
    ack,
  }: ReliableOptions = typeof reliable === 'object' ? reliable : {};
  if (typeof retry !== 'function') throw new OptionError('reliable.retry', 'a strategy: fixed(1_000)', retry);
  return { retry, ackMs: ackMs === undefined ? undefined : durationMs('reliable.ackMs', ackMs), ack };
}

function reasonOf(error: unknown, { isGivenUp }: AskProgress): DeadLetterReason {
  if (isGivenUp) return 'given-up';
  return isGatewireError(error) && error.code === ErrorCode.Disconnected ? 'disconnected' : 'refused';
}
