import fc from 'fast-check';
import { IdIndex } from '../../lib/exchange/id-index.js';

type Key = string | number;

/** Numbers that count up, numbers that fall into one slot, and what has none. */
const keys = fc.oneof(
  fc.nat(40),
  fc.nat(8).map((n) => n * 1024),
  fc.constantFrom<Key>('1', 1, -1, 1.5, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 'x', '', -0),
);
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), key: keys }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: keys }) },
  ),
  { maxLength: 120 },
);

it('is the same as a map, whatever its keys are', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const index = new IdIndex<Key, { key: Key }>();
      const model = new Map<Key, { key: Key }>();
      for (const { kind, key } of taken) {
        if (kind === 'delete') {
          index.delete(key);
          model.delete(key);
        } else if (!model.has(key)) {
          const value = { key };
          index.add(value);
          model.set(key, value);
        }
        expect(index.size).toBe(model.size);
      }
      for (const { key } of taken) expect(index.get(key)).toBe(model.get(key));
      index.clear();
      expect([index.size, index.get(1)]).toEqual([0, undefined]);
    }),
    { numRuns: 2_000 },
  );
});
