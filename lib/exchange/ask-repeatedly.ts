import { after, type Clock } from '../primitives/clock.js';
import type { RequestTable } from './request-table.js';
import type { RetryStrategy } from './retry-strategy.js';

/** How often something was asked, and whether it was given up. */
export interface AskProgress {
  attempts: number;
  isGivenUp: boolean;
}

/** Something that is asked until there is an answer. */
export interface RepeatedAsk {
  readonly clock: Clock;
  /** Wait for an answer, each time, in milliseconds. */
  readonly ackMs: number;
  /** When to ask again after a wait without an answer, or a passing error. */
  readonly retry: RetryStrategy;
  readonly signal?: AbortSignal | undefined;
  readonly progress: AskProgress;
  /** Sends it: the first time, and again with the same id. `lost` when it cannot be sent. */
  send(id: number, lost: (error: Error) => void): void;
  /** What nobody's answer in time is to be told as. */
  silence(id: number): Error;
  /** What an abort is to be told as. */
  aborted(): Error;
  /** Whether an answered error lets the same be asked again. */
  isPassing(error: unknown): boolean;
  /** Nobody is there to answer: resolves when that is over. Undefined: somebody is. */
  absence(): Promise<void> | undefined;
}

const nothing = Symbol('nothing');

/**
 * Asks until it is answered, with one id, so that a late answer to the first time is one to the last. While the peer is away no time counts.
 * Rejects with the peer's error, or with what the last attempt failed with.
 */
export function askRepeatedly(requests: RequestTable, ask: RepeatedAsk): Promise<unknown> {
  return new RepeatedQuestion(requests, ask).run();
}

class RepeatedQuestion {
  readonly #requests: RequestTable;
  readonly #ask: RepeatedAsk;
  #id: number | undefined = undefined;
  #answer!: Promise<unknown>;
  #cancel!: (error: Error) => void;

  constructor(requests: RequestTable, ask: RepeatedAsk) {
    this.#requests = requests;
    this.#ask = ask;
    this.#open();
  }

  async run(): Promise<unknown> {
    const { signal } = this.#ask;
    const abort = (): void => this.#cancel(this.#ask.aborted());
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await this.#askUntilAnswered();
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async #askUntilAnswered(): Promise<unknown> {
    const { clock, ackMs, retry, progress } = this.#ask;
    let since: number | undefined;
    for (;;) {
      progress.attempts++;
      this.#send();
      const answered = await this.#wait(ackMs);
      if ('value' in answered) return answered.value;
      const error = answered.error ?? this.#ask.silence(this.#id as number);
      since ??= clock.now();
      const delayMs = retry({ attempt: progress.attempts, elapsedMs: clock.now() - since, error });
      if (delayMs === false) return this.#giveUp(error);
      const late = await this.#wait(delayMs);
      if ('value' in late) return late.value;
    }
  }

  #open(): void {
    const request = this.#requests.open(Infinity, () => undefined, this.#id);
    this.#id = request.id;
    this.#answer = request.answer;
    this.#cancel = (error) => request.cancel(error);
    // Also when it comes while nobody is waiting for it.
    this.#answer.catch(() => undefined);
  }

  #send(): void {
    try {
      this.#ask.send(this.#id as number, (error) => this.#cancel(error));
    } catch (error) {
      this.#cancel(error as Error);
    }
  }

  /** An answer within a time that counts only while the peer is there; neither value nor error: there was none. */
  async #wait(ms: number): Promise<{ value: unknown } | { error?: unknown }> {
    try {
      for (;;) {
        const value = await this.#within(ms);
        if (value !== nothing) return { value };
        const absence = this.#ask.absence();
        if (absence === undefined) return {};
        await Promise.race([absence, this.#answer]);
      }
    } catch (error) {
      if (!this.#ask.isPassing(error)) throw error;
      this.#open();
      return { error };
    }
  }

  async #within(ms: number): Promise<unknown> {
    const { clock } = this.#ask;
    let timer: unknown;
    const over = new Promise((resolve) => (timer = after(clock, ms, () => resolve(nothing))));
    try {
      return await Promise.race([this.#answer, over]);
    } finally {
      clock.clearTimeout(timer);
    }
  }

  /** Nobody waits for this id any more. */
  #giveUp(error: unknown): Promise<unknown> {
    this.#ask.progress.isGivenUp = true;
    this.#cancel(error as Error);
    return this.#answer;
  }
}
