import fc from 'fast-check';
import { BloomFilter } from '../../lib/exchange/bloom-filter.js';
import { BloomGenerations } from '../../lib/exchange/bloom-generations.js';

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('BloomFilter', () => {
  it('never says no to what it has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        seed,
        (keys, expected, secret) => {
          const filter = new BloomFilter(expected, 0.01, secret);
          for (const key of keys) filter.add(key);
          return keys.every((key) => filter.mayHave(key));
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    [10_000, 0.01],
    [10_000, 0.001],
    [500, 0.05],
  ])('with the %i keys that were expected, says a wrong yes to about %f of others', (expected, share) => {
    const filter = new BloomFilter(expected, share, 4711);
    for (let i = 0; i < expected; i++) filter.add(`user:${i}`);
    let wrong = 0;
    for (let i = 0; i < 20_000; i++) if (filter.mayHave(`other:${i}`)) wrong++;
    expect(wrong / 20_000).toBeLessThan(share * 1.5);
  });

  it('has the size that theory gives', () => {
    const filter = new BloomFilter(1_000_000, 0.01, 1);
    expect(filter.bits).toBe(9_585_059);
    expect(filter.hashes).toBe(7);
  });

  it('collides differently under another seed', () => {
    const collisions = [1, 2].map((secret) => {
      const filter = new BloomFilter(100, 0.1, secret);
      for (let i = 0; i < 100; i++) filter.add(`key ${i}`);
      return Array.from({ length: 1_000 }, (_, i) => filter.mayHave(`other ${i}`))
        .map(Number)
        .join('');
    });
    expect(collisions[0]).not.toBe(collisions[1]);
  });
});

describe('BloomGenerations', () => {
  const ttlMs = 100;

  it('never says no to a key of the last ttlMs, however fast keys come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.string({ maxLength: 8 })), { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        seed,
        (steps, expectedKeys, secret) => {
          const filter = new BloomGenerations({ expectedKeys, falsePositives: 0.01, ttlMs }, secret);
          const addedAt = new Map<string, number>();
          let now = 0;
          for (const [pause, key] of steps) {
            now += pause;
            filter.add(key, now);
            addedAt.set(key, now);
            for (const [known, at] of addedAt)
              if (now - at <= ttlMs && !filter.mayHave(known, now)) return false;
          }
          return true;
        },
      ),
      { numRuns: 100 },
    );
  });

  it('forgets, and holds its bound', () => {
    const filter = new BloomGenerations({ expectedKeys: 40, falsePositives: 0.01, ttlMs }, 1);
    for (let i = 0; i < 1_000; i++) filter.add(`key ${i}`, 0);
    expect(filter.generations).toBe(8);
    filter.add('late', ttlMs);
    expect(filter.generations).toBeLessThanOrEqual(8);
    expect(filter.mayHave('key 0', 2 * ttlMs + 1)).toBe(false);
    expect(filter.generations).toBe(0);
  });

  it('keeps the share of wrong yeses with the keys that were expected, over many windows', () => {
    const filter = new BloomGenerations({ expectedKeys: 4_000, falsePositives: 0.01, ttlMs }, 1);
    for (let i = 0; i < 40_000; i++) filter.add(`key ${i}`, i / 40);
    let wrong = 0;
    for (let i = 0; i < 20_000; i++) if (filter.mayHave(`other ${i}`, 1_000)) wrong++;
    expect(wrong / 20_000).toBeLessThan(0.02);
  });
});
