import { OptionError } from '../../primitives/option-error.js';
import type { RedisConnectionOptions } from './redis-connection.js';

/** Which Redis counts, and where in it. */
export interface RedisCounterStoreOptions extends RedisConnectionOptions {
  /** What all keys begin with. Servers with the same one count together. @default 'gatewire:counters:' */
  readonly prefix?: string;
  /** Milliseconds since 1970, for all servers that count together. @default the clock of Redis */
  readonly now?: () => number;
}

export interface RedisCounterStoreSettings {
  readonly prefix: string;
  readonly now: (() => number) | undefined;
}

/** Fills in defaults and refuses values that cannot work. @throws {OptionError} */
export function resolveRedisCounterStoreOptions(
  options: RedisCounterStoreOptions,
): RedisCounterStoreSettings {
  const { prefix = 'gatewire:counters:', now } = options;
  if (typeof prefix !== 'string' || prefix === '') throw new OptionError('prefix', 'a text', prefix);
  return { prefix, now };
}
