import fc from 'fast-check';

import type { LogPage, LogPosition, MessageLog } from '../../lib/store/message-log.js';
import { NaiveMessageLog } from './naive-message-log.js';

/** Random steps on a driver and on the model. On a difference fast-check tells seed and steps, as few as will do. */
export async function behavesLikeTheModel(
  subject: MessageLog,
  pass: (ms: number) => Promise<void>,
  cases: number,
): Promise<void> {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      retention,
      retention,
      fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
      async (usual, other, steps) => {
        const model = new NaiveMessageLog();
        const pairs = new EpochPairs();
        const prefix = `run ${run++} `;
        const pending: Promise<void>[] = [];
        for (const next of steps) {
          const name = prefix + next.log;
          if (next.kind === 'pass') {
            await Promise.all(pending);
            await pass(next.ms);
            model.now += next.ms;
          } else if (next.kind === 'remove') {
            pending.push(Promise.resolve(subject.remove(name)));
            model.remove(name);
          } else if (next.kind === 'append') {
            const kept = next.isOther ? other : usual;
            const expected = model.append(name, next.message, kept);
            const got = Promise.resolve(subject.append(name, next.message, kept));
            pending.push(got.then((position) => pairs.check(name, position, expected)));
          } else {
            const expected = model.read(name, next.query);
            const got = await subject.read(name, next.query);
            pairs.check(name, got, expected);
            expect({ ...plain(got), isWhole: got.isWhole }).toEqual({
              ...plain(expected),
              isWhole: expected.isWhole,
            });
          }
        }
        await Promise.all(pending);
      },
    ),
    { numRuns: cases },
  );
}

const body = fc.oneof(
  fc.constantFrom('', 'x', 'ü', 'a longer text'),
  fc.uint8Array({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const bound = (...values: number[]) => fc.constantFrom(Infinity, Infinity, ...values);
const log = fc.constantFrom('a', 'a', 'b');
const retention = fc.record({
  count: bound(0, 1, 3, 10),
  bytes: bound(0, 5, 20, 60),
  ageMs: bound(0, 100, 1_000),
  latestPerKey: fc.boolean(),
});
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      log,
      message: fc.record({ body, key: fc.constantFrom(undefined, 'k', 'l', 'ü') }),
      // Seldom another one: most of what is kept builds up under the same.
      isOther: fc.nat(9).map((one) => one === 0),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      log,
      query: fc.record({
        after: fc.nat(25),
        before: bound(...Array.from({ length: 25 }, (_, i) => i)),
        order: fc.constantFrom('oldest' as const, 'newest' as const),
        limit: bound(0, 1, 3),
        maxBytes: bound(0, 5, 30),
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), log, ms: fc.constantFrom(1, 50, 99, 900) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), log }) },
);

/** Bytes are compared as bytes, whoever made them; the times have another beginning. */
function plain({ offset, entries }: LogPage) {
  return {
    offset,
    entries: entries.map((entry) => ({
      offset: entry.offset,
      key: entry.key,
      body: typeof entry.body === 'string' ? entry.body : [...entry.body],
    })),
  };
}

/** Which epoch of a driver is which of the model: one for one, in each log. */
class EpochPairs {
  readonly #pairs = new Map<string, string>();

  check(log: string, got: LogPosition, expected: LogPosition): void {
    expect(got.offset).toBe(expected.offset);
    const known = this.#pairs.get(`${log} ${got.epoch}`);
    // An epoch in which nothing was appended may pass into another one, but is none that was.
    if (got.offset === 0) expect(known ?? expected.epoch).toBe(expected.epoch);
    else this.#pair(log, got.epoch, expected.epoch);
  }

  #pair(log: string, got: string, expected: string): void {
    const forth = `${log} ${got}`;
    const back = `${log} back ${expected}`;
    if (!this.#pairs.has(forth)) this.#pairs.set(forth, expected);
    if (!this.#pairs.has(back)) this.#pairs.set(back, got);
    expect([this.#pairs.get(forth), this.#pairs.get(back)]).toEqual([expected, got]);
  }
}
