import type { Connection } from '../connection/connection.js';
import type { EmitOptions, ReliableOptions, RequestOptions } from '../connection/emit-options.js';
import type { AskProgress } from '../exchange/ask-repeatedly.js';
import { exponential, type RetryStrategy } from '../exchange/retry-strategy.js';
import type { DeadLetter, DeadLetterReason } from '../pipeline/dead-letter.js';
import type { StageHost } from '../pipeline/middleware.js';
import { durationMs } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import { randomId } from '../primitives/random-id.js';
import { ErrorCode } from '../protocol/error-code.js';
import { isGatewireError } from '../protocol/gatewire-error.js';

/** A hook that takes longer does not hold up a shutdown. */
const closeMs = 5_000;

/** Who is told of dead letters: a gateway that wants to be. */
export interface DeadLetterHook {
  deadLetter?(letter: DeadLetter): void | Promise<void>;
}

/** What reliable emits of an endpoint work with. */
export interface ReliableEmitsSettings {
  readonly host: StageHost;
  readonly hooks: readonly DeadLetterHook[];
}

/** Asks one connection. */
export type Ask = (options: RequestOptions, progress: AskProgress) => Promise<unknown>;

/** Emits that are sent again until they are acknowledged, and what becomes of those that are not. */
export class ReliableEmits {
  readonly #settings: ReliableEmitsSettings;

  /** Hooks that have been told and are not done. */
  readonly #telling = new Set<Promise<void>>();

  constructor(settings: ReliableEmitsSettings) {
    this.#settings = settings;
    const { host } = settings;
    host.onClose?.(async () => {
      const done = Promise.all(this.#telling);
      await Promise.race([
        done,
        new Promise((resolve) => void host.clock.setTimeout(() => resolve(0), closeMs)),
      ]);
    });
  }

  /** False: the connection is closed, and it is a dead letter already. @throws {OptionError} */
  send(connection: Connection, event: string, data: unknown, options: EmitOptions, ask: Ask): boolean {
    if (options.volatile === true) throw new OptionError('volatile', 'absent for what is reliable', true);
    const { retry, ackMs } = resolveReliable(options.reliable);
    const { host } = this.#settings;
    const progress: AskProgress = { attempts: 0, isGivenUp: false };
    // By the key a receiver knows again what it has had, also in another session.
    const meta = { key: randomId(), ...options.meta };
    const isThere = connection.canSend;
    host.count('reliable.emits');
    ask({ retry, meta, ...(ackMs !== undefined && { timeoutMs: ackMs }) }, progress).then(
      () => host.count('reliable.acknowledged'),
      (error: unknown) => {
        const { attempts } = progress;
        const reason = reasonOf(error, progress);
        this.buried({ direction: 'outbound', connection, event, data, meta, attempts, reason, error });
      },
    );
    return isThere;
  }

  /** Tells the gateways of a dead letter. */
  buried(letter: DeadLetter): void {
    const { host, hooks } = this.#settings;
    host.count('reliable.dead-letters');
    const told = hooks.filter((hook) => hook.deadLetter !== undefined);
    if (told.length === 0) {
      host.log.warn(
        'DEAD_LETTER',
        () =>
          `a reliable emit to connection ${letter.connection.id} was not acknowledged (${letter.reason}, ` +
          `${letter.attempts} attempts): a gateway with onDeadLetter() would be told`,
      );
    }
    for (const hook of told) {
      const telling = this.#tell(hook, letter);
      this.#telling.add(telling);
      void telling.then(() => this.#telling.delete(telling));
    }
  }

  async #tell(hook: DeadLetterHook, letter: DeadLetter): Promise<void> {
    try {
      await hook.deadLetter?.(letter);
    } catch (error) {
      this.#settings.host.count('reliable.dead-letters-failed');
      this.#settings.host.log.error('DEAD_LETTER_HOOK', error);
    }
  }
}

/** @throws {OptionError} */
function resolveReliable(reliable: EmitOptions['reliable']): {
  readonly retry: RetryStrategy;
  readonly ackMs: number | undefined;
} {
  const { retry = exponential({ count: 5 }), ackMs }: ReliableOptions =
    typeof reliable === 'object' ? reliable : {};
  if (typeof retry !== 'function') throw new OptionError('reliable.retry', 'a strategy: fixed(1_000)', retry);
  return { retry, ackMs: ackMs === undefined ? undefined : durationMs('reliable.ackMs', ackMs) };
}

function reasonOf(error: unknown, { isGivenUp }: AskProgress): DeadLetterReason {
  if (isGivenUp) return 'given-up';
  return isGatewireError(error) && error.code === ErrorCode.Disconnected ? 'disconnected' : 'refused';
}
