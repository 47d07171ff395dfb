import { OptionError } from '../primitives/option-error.js';

/**
 * What happens to a connection that reads more slowly than it is written to, once its send queue is full.
 *
 * - `disconnect`: closed with 1013 (try again later); the peer comes back and catches up.
 * - `drop-oldest`: the oldest queued emit makes room.
 * - `drop-newest`: the new emit is not queued.
 * - `latest-only`: while the peer is slow, a new emit replaces the queued one with the same `key` (default: its event);
 *   then as `drop-oldest`.
 *
 * Outcomes of requests are never dropped: when nothing else can make room, the connection is closed.
 */
export type SlowConsumerPolicy = 'disconnect' | 'drop-oldest' | 'drop-newest' | 'latest-only';

const policies: readonly unknown[] = [
  'disconnect',
  'drop-oldest',
  'drop-newest',
  'latest-only',
] satisfies SlowConsumerPolicy[];

/** @throws {OptionError} */
export function resolveSlowConsumerPolicy(input: SlowConsumerPolicy = 'disconnect'): SlowConsumerPolicy {
  if (!policies.includes(input))
    throw new OptionError('slowConsumer', `one of ${policies.join(', ')}`, input);
  return input;
}
