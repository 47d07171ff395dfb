import type { Retention } from './message-log.js';

/** Whether two say the same. */
export function isSameRetention(one: Retention, other: Retention): boolean {
  return (
    one.count === other.count &&
    one.bytes === other.bytes &&
    one.ageMs === other.ageMs &&
    one.latestPerKey === other.latestPerKey
  );
}
