import type { CounterRule, CounterStore, CounterVerdict } from '../counter-store.js';
import { counterScript } from './counter-script.js';
import { RedisConnection } from './redis-connection.js';
import {
  type RedisCounterStoreOptions,
  type RedisCounterStoreSettings,
  resolveRedisCounterStoreOptions,
} from './redis-counter-store.options.js';
import { nameOf } from './session-keys.js';

const allowed: CounterVerdict = { isAllowed: true, retryAfterMs: 0 };

/**
 * Counts in Redis, for all servers together: each demand is one step there. Keys expire when they have recovered. A demand
 * whose answer was lost may have been counted, once or (by a client that sends again) twice: never too little.
 */
export class RedisCounterStore implements CounterStore {
  readonly #settings: RedisCounterStoreSettings;
  readonly #redis: RedisConnection;

  /** @throws {OptionError} */
  constructor(options: RedisCounterStoreOptions) {
    this.#settings = resolveRedisCounterStoreOptions(options);
    this.#redis = new RedisConnection(options);
  }

  /** @throws {StoreError} */
  async take(key: string, rule: CounterRule, messages: number, bytes: number): Promise<CounterVerdict> {
    const { prefix, now } = this.#settings;
    const { algorithm, perMs, burstMessages, burstBytes } = rule;
    const numbers = [perMs, rule.messages, burstMessages, rule.bytes, burstBytes, messages, bytes];
    const args = [now === undefined ? '' : String(now()), algorithm, ...numbers.map(numeral)];
    const reply = await this.#redis.run(counterScript, [prefix + nameOf(key)], args);
    const waitMs = String(reply);
    if (waitMs === '0') return allowed;
    return { isAllowed: false, retryAfterMs: waitMs === 'inf' ? Infinity : Number(waitMs) };
  }
}

/** As C reads it. */
function numeral(value: number): string {
  return value === Infinity ? 'inf' : String(value);
}
