import { exponential, type RetryStrategy } from '../exchange/retry-strategy.js';
import { isPromise } from '../primitives/is-promise.js';
import { OptionError } from '../primitives/option-error.js';
import type { DeadLetterReason } from './dead-letter.js';
import type { DeadLetters } from './dead-letters.js';
import type { InboundMessage } from './inbound-message.js';
import type { StageHost } from './middleware.js';

/** How a handler that fails is called again. Every key is optional. */
export interface ReliableHandlerOptions {
  /** When it is called again after a fault; `false`: given up. @default exponential({ count: 3, minMs: 100, maxMs: 5_000 }) */
  readonly retry?: RetryStrategy;
  /**
   * Which errors are faults. Others are answers: thrown once, told to the requester, no dead letters.
   * @default all but exceptions of Nest, and errors of gatewire's list, that say that the same would fail again
   */
  readonly when?: (error: unknown) => boolean;
  /** Goes on when the connection is gone, for work that is to be done whoever waits for it. @default false */
  readonly afterClose?: boolean;
}

/** Options with every default filled in, but for what the framework layer knows better. */
export interface ReliableRule {
  readonly retry: RetryStrategy;
  readonly when: ((error: unknown) => boolean) | undefined;
  readonly afterClose: boolean;
}

/** @throws {OptionError} */
export function resolveReliableHandler(options: ReliableHandlerOptions = {}): ReliableRule {
  const { retry = exponential({ count: 3, minMs: 100, maxMs: 5_000 }), when, afterClose = false } = options;
  if (typeof retry !== 'function') throw new OptionError('retry', 'a strategy: fixed(1_000)', retry);
  if (when !== undefined && typeof when !== 'function') throw new OptionError('when', 'a function', when);
  return { retry, when, afterClose };
}

/** What retried calls work with. */
export interface ReliableHandlingSettings extends ReliableRule {
  readonly when: (error: unknown) => boolean;
  readonly host: StageHost;
  readonly deadLetters: DeadLetters;
}

/** Calls a handler again when it fails: its message has one outcome, at the end. */
export class ReliableHandling {
  readonly #settings: ReliableHandlingSettings;

  constructor(settings: ReliableHandlingSettings) {
    this.#settings = settings;
  }

  /** Synchronous where the first call is, and does not fail. */
  run(message: InboundMessage, call: () => unknown): unknown {
    let result: unknown;
    try {
      result = call();
    } catch (error) {
      return this.#again(message, call, error);
    }
    return isPromise(result)
      ? result.then(undefined, (error: unknown) => this.#again(message, call, error))
      : result;
  }

  async #again(message: InboundMessage, call: () => unknown, first: unknown): Promise<unknown> {
    const { retry, when, host } = this.#settings;
    const since = host.clock.now();
    let error = first;
    for (let attempt = 1; ; attempt++) {
      if (!when(error)) throw error;
      const delayMs = retry({ attempt, elapsedMs: host.clock.now() - since, error });
      const reason =
        this.#end(message, delayMs === false ? 0 : delayMs) ?? (delayMs === false ? 'given-up' : undefined);
      if (reason !== undefined) return this.#bury(message, attempt, reason, error);
      await this.#sleep(message, delayMs as number);
      const over = this.#end(message, 0);
      if (over !== undefined) return this.#bury(message, attempt, over, error);
      host.count('reliable.handler-retries');
      try {
        return await call();
      } catch (again) {
        error = again;
      }
    }
  }

  /** Why another call, so much later, would be for nobody. */
  #end(message: InboundMessage, delayMs: number): DeadLetterReason | undefined {
    const { host, afterClose } = this.#settings;
    const deadlineMs = message.meta?.['deadlineMs'];
    const isOver =
      typeof deadlineMs === 'number' && host.clock.now() + delayMs - message.receivedAt >= deadlineMs;
    if (message.isExpired || isOver) return 'expired';
    if (message.connection.state === 'closed') return afterClose ? undefined : 'disconnected';
    return message.signal.aborted ? 'cancelled' : undefined;
  }

  /** Less where nobody wants it any more meanwhile. */
  #sleep(message: InboundMessage, ms: number): Promise<void> {
    const { clock } = this.#settings.host;
    const { signal } = message;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => {
        signal.removeEventListener('abort', wake);
        resolve();
      }, ms);
      const wake = (): void => {
        if (this.#end(message, 0) === undefined) return;
        clock.clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #bury(message: InboundMessage, attempts: number, reason: DeadLetterReason, error: unknown): never {
    const { connection, event, data, meta } = message;
    this.#settings.deadLetters.bury({
      direction: 'inbound',
      connection,
      event,
      data,
      meta,
      attempts,
      reason,
      error,
    });
    throw error;
  }
}
