import { DedupWindow } from '../../exchange/dedup-window.js';
import { type Clock, clientClock } from '../../primitives/clock.js';
import { durationMs, wholeNumber } from '../../primitives/option-checks.js';
import type { Envelope } from '../../protocol/envelope.js';
import type { ClientMiddleware } from '../middleware.js';

/** How much is remembered of what has come. */
export interface ClientDeduplicateOptions {
  /** Keys that are remembered; the oldest makes room. @default 1_000 */
  readonly keys?: number;
  /** How long, in milliseconds. `false`: as long as there is room. @default 300_000 */
  readonly ttlMs?: number | false;
  /** Told of a message that was here before. */
  readonly onDuplicate?: (envelope: Readonly<Envelope>) => void;
  /** @default the machine's */
  readonly clock?: Pick<Clock, 'now'>;
}

const done = { isRunning: false } as const;

/**
 * Lets an event with a `meta.key` through once: the same message may come twice where a server sends it again after its
 * own restart, or through two rooms. What the server asks, and answers, is never taken away.
 *
 * @example pipeline(deduplicate())
 * @throws {OptionError}
 */
export function deduplicate({
  keys = 1_000,
  ttlMs = 300_000,
  onDuplicate,
  clock = clientClock,
}: ClientDeduplicateOptions = {}): ClientMiddleware {
  const seen = new DedupWindow<string, typeof done>({
    maxKeys: wholeNumber('keys', keys),
    ttlMs: durationMs('ttlMs', ttlMs),
  });
  return {
    name: 'deduplicate',
    inbound({ envelope }, next) {
      const key = envelope.meta?.['key'];
      if (typeof key !== 'string' || envelope.id !== undefined) return next();
      const now = clock.now();
      if (seen.get(key, now) !== undefined) return onDuplicate?.(envelope);
      seen.add(key, done, now);
      seen.done(key, now);
      return next();
    },
  };
}
