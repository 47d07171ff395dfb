import type { StoredSession } from '../../lib/store/session-store.js';

/**
 * A session holds what it MUST, and of the rest no more than it may. `expected` has everything that was ever written:
 * messages that need not be kept, and all that was settled.
 */
export function expectKept(got: StoredSession | undefined, expected: StoredSession | undefined): void {
  expect(got === undefined).toBe(expected === undefined);
  if (got === undefined || expected === undefined) return;
  const { remembers } = expected.record;
  expect(needed(got)).toEqual(needed(expected));
  expect(expected.sent.map(plain)).toEqual(expect.arrayContaining(got.sent.map(plain)));
  expect(got.settled.length).toBeGreaterThanOrEqual(Math.min(remembers, expected.settled.length));
  expect(got.settled.length).toBeLessThanOrEqual(mostSettled(remembers));
  expect(got.settled).toEqual(latest(expected.settled, got.settled.length));
}

/** How many a driver may keep where it is to keep so many. */
export function mostSettled(remembers: number): number {
  return 2 * remembers + 100;
}

export function latest<Item>(items: readonly Item[], count: number): readonly Item[] {
  return items.slice(Math.max(0, items.length - count));
}

function needed({ record, rooms, sent, last, forgotten }: StoredSession) {
  const { principalId, ...rest } = record;
  return {
    record: principalId === undefined ? rest : { ...rest, principalId },
    rooms,
    sent: sent.filter(({ first, count }) => first + count - 1 > forgotten).map(plain),
    last,
    forgotten,
  };
}

/** Bytes are compared as bytes, whoever made them. */
function plain({ first, count, frames }: StoredSession['sent'][number]) {
  return { first, count, frames: Buffer.from(frames).toString('latin1') };
}
