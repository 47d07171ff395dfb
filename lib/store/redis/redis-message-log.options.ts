import { limit, wholeNumber } from '../../primitives/option-checks.js';
import { OptionError } from '../../primitives/option-error.js';
import type { StoreError } from '../store-error.js';
import type { RedisConnectionOptions } from './redis-connection.js';

/** Where logs are kept in Redis, and what is expected of it. */
export interface RedisMessageLogOptions extends RedisConnectionOptions {
  /** Of all keys, in their hash tag. Servers with the same one share the logs. @default 'gatewire:log:' */
  readonly prefix?: string;
  /**
   * What your Redis does with what it has confirmed. `normal`: when it starts again, or another node takes over, the last
   * appends may be lost; so every epoch changes then. `full`: it is set up to lose nothing (`appendfsync always`), and epochs
   * go on; what is lost all the same is noticed by servers that had heard of it. @default 'normal'
   */
  readonly durability?: 'normal' | 'full';
  /** Logs without a bound of age are forgotten when nothing was appended for so long; `false`: never. @default 2_592_000_000 */
  readonly idleMs?: number | false;
  /** Bodies from this size on are compressed. @default never */
  readonly compression?: { readonly thresholdBytes: number };
  /** Appends that wait for Redis; one more is refused. @default 10_000 */
  readonly queued?: number;
  /** Bytes that wait for Redis; what goes beyond it is refused, unless nothing waits. @default 16_777_216 */
  readonly queuedBytes?: number;
  /** What was confirmed is gone, or may be. @default a warning of the process */
  readonly onLoss?: (error: StoreError) => void;
  /** Milliseconds since 1970, for all servers that share the logs. @default the clock of Redis */
  readonly now?: () => number;
}

export interface RedisMessageLogSettings {
  readonly prefix: string;
  readonly trustsRestarts: boolean;
  readonly idleMs: number;
  readonly compressFrom: number;
  readonly queued: number;
  readonly queuedBytes: number;
  readonly onLoss: (error: StoreError) => void;
  readonly now: (() => number) | undefined;
}

/** Fills in defaults and refuses values that cannot work. @throws {OptionError} */
export function resolveRedisMessageLogOptions(options: RedisMessageLogOptions): RedisMessageLogSettings {
  const { durability = 'normal', idleMs = 2_592_000_000, compression, onLoss, now } = options;
  if (!['full', 'normal'].includes(durability))
    throw new OptionError('durability', "'full' or 'normal'", durability);
  return {
    prefix: resolvePrefix(options.prefix ?? 'gatewire:log:'),
    trustsRestarts: durability === 'full',
    idleMs: limit('idleMs', idleMs),
    compressFrom:
      compression === undefined
        ? Infinity
        : wholeNumber('compression.thresholdBytes', compression.thresholdBytes, 0),
    queued: wholeNumber('queued', options.queued ?? 10_000),
    queuedBytes: wholeNumber('queuedBytes', options.queuedBytes ?? 16_777_216),
    onLoss: onLoss ?? ((error) => process.emitWarning(error)),
    now,
  };
}

/** What keys begin with. Braces make the hash tag that keeps the keys of one thing on one node. @throws {OptionError} */
export function resolvePrefix(prefix: unknown): string {
  if (typeof prefix !== 'string' || prefix === '' || /[{}]/.test(prefix))
    throw new OptionError('prefix', 'a text without braces', prefix);
  return prefix;
}
