import { type Clock, systemClock } from '../../primitives/clock.js';
import { durationMs, wholeNumber } from '../../primitives/option-checks.js';
import { OptionError } from '../../primitives/option-error.js';
import type { StoreError } from '../store-error.js';
import type { RedisConnectionOptions } from './redis-connection.js';
import { taggedPrefix } from './session-keys.js';

/** Which Redis, where in it sessions are kept, and how many. */
export interface RedisSessionStoreOptions extends RedisConnectionOptions {
  /**
   * What all keys begin with; the same for all processes that share sessions, and for nobody else. What is in braces decides
   * which node of a cluster has them; without braces it is all of it. @default 'gatewire:sessions'
   */
  readonly prefix?: string;
  /**
   * What your Redis does with what it has confirmed. `normal`: when it starts again, or another node takes over, the last changes
   * may be lost; sessions of processes that live go on all the same, as these compare, and the others are dropped. `full`: it is
   * set up to lose nothing (`appendfsync always`), and all go on. @default 'normal'
   */
  readonly durability?: 'normal' | 'full';
  /** Sessions that are kept, of all processes; one more is refused. @default 100_000 */
  readonly sessions?: number;
  /** How long a session stays of which no process is left; far longer than any `resumeMs`. @default 604_800_000 (7 days) */
  readonly expiresMs?: number;
  /** Calls that wait for Redis; one more is refused. @default 10_000 */
  readonly queued?: number;
  /** Bytes that wait for Redis; what goes beyond it is refused, unless nothing waits. @default 16_777_216 */
  readonly queuedBytes?: number;
  /** What was confirmed is gone. @default a warning of the process */
  readonly onLoss?: (error: StoreError) => void;
}

/** With nothing left open; the connection has its own. */
export interface RedisSessionStoreSettings {
  readonly prefix: string;
  readonly trustsRestarts: boolean;
  readonly sessions: number;
  readonly expiresMs: number;
  readonly queued: number;
  readonly queuedBytes: number;
  readonly onLoss: (error: StoreError) => void;
  readonly clock: Clock;
}

/** Fills in defaults and refuses values that cannot work. @throws {OptionError} */
export function resolveRedisSessionStoreOptions({
  prefix = 'gatewire:sessions',
  durability = 'normal',
  sessions = 100_000,
  expiresMs = 604_800_000,
  queued = 10_000,
  queuedBytes = 16_777_216,
  onLoss = (error) => process.emitWarning(error),
  clock = systemClock,
}: RedisSessionStoreOptions): RedisSessionStoreSettings {
  if (!['full', 'normal'].includes(durability))
    throw new OptionError('durability', "'full' or 'normal'", durability);
  return {
    prefix: taggedPrefix(prefix),
    trustsRestarts: durability === 'full',
    sessions: wholeNumber('sessions', sessions),
    expiresMs: durationMs('expiresMs', wholeNumber('expiresMs', expiresMs, 60_000)),
    queued: wholeNumber('queued', queued),
    queuedBytes: wholeNumber('queuedBytes', queuedBytes),
    onLoss,
    clock,
  };
}
