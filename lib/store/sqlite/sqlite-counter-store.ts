import type { CounterRule, CounterStore, CounterVerdict } from '../counter-store.js';
import { StoreError } from '../store-error.js';
import { AskQueue } from './ask-queue.js';
import type { CounterAnswer, CounterAsk } from './counter-asks.js';
import { packAsks, unpackAnswers } from './packed-counters.js';
import {
  resolveSqliteCounterStoreOptions,
  type SqliteCounterStoreOptions,
} from './sqlite-counter-store.options.js';

/**
 * Counts in a file, by SQLite in a thread of its own: limits that hold across restarts, and for all processes of a machine
 * that have the file open together. Each demand waits for the transaction that it is counted in, which is shared by all
 * that came while the last one was committed.
 */
export class SqliteCounterStore implements CounterStore {
  readonly #now: () => number;
  readonly #onEvict: (() => void) | undefined;
  readonly #queue: AskQueue<CounterAsk>;
  /** Rules without whatever else the object has, which may not be able to travel. */
  readonly #plain = new WeakMap<CounterRule, CounterRule>();

  /** Opens the file, in its thread; {@link ready} tells how that went. @throws {OptionError} */
  constructor(options: SqliteCounterStoreOptions) {
    const { counters, now, onEvict, ...settings } = resolveSqliteCounterStoreOptions(options);
    this.#now = now;
    this.#onEvict = onEvict;
    this.#queue = new AskQueue(
      {
        ...settings,
        onLoss: (loss) =>
          settings.onLoss(new StoreError('lost', `what was counted last may be forgotten: ${loss}`)),
      },
      { ...settings, name: 'counter-worker.js', settings: counters, packAsks, unpackAnswers },
    );
  }

  /** Demands that wait for the disk. */
  get queued(): number {
    return this.#queue.waiting;
  }

  /** Resolves when the file is open. @throws {OptionError} when there is no driver; {@link StoreError} */
  async ready(): Promise<void> {
    await this.#queue.ask({ kind: 'read' }, 0);
  }

  /** @throws {StoreError} */
  async take(key: string, rule: CounterRule, messages: number, bytes: number): Promise<CounterVerdict> {
    const ask: CounterAsk = {
      kind: 'take',
      key,
      rule: this.#plainRule(rule),
      messages,
      bytes,
      now: this.#now(),
    };
    const { isAllowed, retryAfterMs, hasEvicted } = await this.#queue.ask<CounterAnswer>(ask, key.length);
    if (hasEvicted) this.#onEvict?.();
    return { isAllowed, retryAfterMs };
  }

  #plainRule(rule: CounterRule): CounterRule {
    let plain = this.#plain.get(rule);
    if (plain === undefined) {
      const { algorithm, perMs, messages, bytes, burstMessages, burstBytes } = rule;
      plain = { algorithm, perMs, messages, bytes, burstMessages, burstBytes };
      this.#plain.set(rule, plain);
    }
    return plain;
  }

  /** Commits what was asked for, and lets go of the file. @throws {StoreError} */
  close(): Promise<void> {
    return this.#queue.close();
  }
}
