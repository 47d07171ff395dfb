import fc from 'fast-check';
import { type Aggregation, Aggregator } from '../../lib/exchange/aggregator.js';
import { Fifo } from '../../lib/exchange/fifo.js';
import { Hold } from '../../lib/exchange/hold.js';
import { Packer } from '../../lib/exchange/packer.js';
import { WeightedLine } from '../../lib/exchange/weighted-line.js';
import { FakeClock } from '../support/fake-clock.js';

interface Item {
  readonly rank: number;
  readonly at: number;
}

/** Pushes and shifts, in any order. */
const steps = fc.array(fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constant('shift' as const)), {
  maxLength: 2_000,
});

describe('Fifo', () => {
  it('gives out what it was given, in order, and each once', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        for (const [at, step] of given.entries()) {
          if (step === 'shift') {
            expect(fifo.peek()).toBe(model.shift());
            fifo.shift();
          } else {
            fifo.push(at);
            model.push(at);
          }
          expect(fifo.size).toBe(model.length);
        }
      }),
    );
  });
});

describe('WeightedLine', () => {
  const weights = [4, 2, 1];

  it('loses nothing, doubles nothing and keeps the order within a rank', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const line = new WeightedLine<Item>(weights);
        const pushed: Item[][] = [[], [], []];
        const left: Item[][] = [[], [], []];
        const shift = (): void => {
          const item = line.peek();
          expect(line.peek()).toBe(item);
          if (item !== undefined) left[item.rank]!.push(item);
          line.shift();
        };
        for (const [at, step] of given.entries()) {
          if (step === 'shift') shift();
          else {
            const item = { rank: step, at };
            line.push(item);
            pushed[step]!.push(item);
          }
        }
        while (line.size > 0) shift();
        expect(line.peek()).toBeUndefined();
        expect(left).toEqual(pushed);
      }),
    );
  });

  it('lets none wait longer than two rounds of the others, whatever comes meanwhile', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 50 }),
        fc.integer({ min: 0, max: 2 }),
        (before, rank) => {
          const line = new WeightedLine<Item>(weights);
          const feed = (): void => {
            for (const one of [0, 1, 2]) if (one !== rank) line.push({ rank: one, at: 0 });
          };
          for (const one of before) {
            line.push({ rank: one, at: 0 });
            line.shift();
          }
          line.clear();
          for (let i = 0; i < 10; i++) feed();
          const waiting = { rank, at: 1 };
          line.push(waiting);
          const others = weights.reduce((sum, weight, one) => sum + (one === rank ? 0 : weight), 0);
          let waited = 0;
          for (; line.peek() !== waiting; waited++) {
            line.shift();
            feed();
          }
          expect(waited).toBeLessThanOrEqual(2 * others);
        },
      ),
    );
  });

  it('gives each rank its share of a round, the first ones first', () => {
    const line = new WeightedLine<Item>(weights);
    for (let at = 0; at < 20; at++) for (const rank of [2, 1, 0]) line.push({ rank, at });
    const order = Array.from({ length: 14 }, () => {
      const { rank } = line.peek() as Item;
      line.shift();
      return rank;
    });
    expect(order.join('')).toBe('00001120000112');
  });

  it('takes a rank beyond the last one for the last one', () => {
    const line = new WeightedLine<Item>([1]);
    line.push({ rank: 7, at: 0 });
    expect(line.peek()).toEqual({ rank: 7, at: 0 });
  });
});

describe('Hold', () => {
  const create = (ms = 10, items = 3, bytes = 100) => {
    const clock = new FakeClock();
    let due = 0;
    return { clock, hold: new Hold(clock, { ms, items, bytes }, () => due++), due: () => due };
  };

  it('holds for so long from the first, and not a moment longer', () => {
    const { clock, hold, due } = create();
    hold.add(1);
    clock.advance(5);
    hold.add(1);
    clock.advance(4);
    expect([hold.isHolding, due()]).toEqual([true, 0]);
    clock.advance(1);
    expect([hold.isHolding, due(), clock.timers]).toEqual([false, 1, 0]);
  });

  it('lets go with the last item, or byte, that it takes', () => {
    const { clock, hold, due } = create();
    for (const bytes of [1, 1]) hold.add(bytes);
    expect(hold.isHolding).toBe(true);
    hold.add(1);
    expect([hold.isHolding, clock.timers, due()]).toEqual([false, 0, 0]);
    hold.add(99);
    expect(hold.isHolding).toBe(true);
    hold.add(1);
    expect(hold.isHolding).toBe(false);
  });
});

describe('Packer', () => {
  it('puts all in order into packs within the limits; what is too much is alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 })),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 30 }),
        (sizes, items, bytes) => {
          const packer = new Packer<{ size: number }>({ items, bytes }, ({ size }) => size);
          const given = sizes.map((size) => ({ size }));
          const packs = given.flatMap((item) => {
            const pack = packer.put(item);
            return pack === undefined ? [] : [pack];
          });
          const last = packer.end();
          if (last !== undefined) packs.push(last);
          expect(packer.end()).toBeUndefined();
          expect(packs.flat()).toEqual(given);
          for (const pack of packs) {
            expect(pack.length).toBeLessThanOrEqual(items);
            const sum = pack.reduce((total, { size }) => total + size, 0);
            if (pack.length > 1) expect(sum).toBeLessThanOrEqual(bytes);
          }
        },
      ),
    );
  });
});

describe('Aggregator', () => {
  type Numbered = { key: number; value: number };
  const sums: Aggregation<Numbered, Numbered> = {
    begin: (item) => item,
    add: (whole, item) => ({ ...whole, value: whole.value + item.value }),
    key: ({ key }) => key,
  };

  const create = (groups = 3) => {
    const clock = new FakeClock();
    const out: { name: string; whole: Numbered; handles: readonly number[] }[] = [];
    const aggregator = new Aggregator<Numbered, Numbered, number>(
      clock,
      { windowMs: 50, groups },
      ({ name, whole, handles }) => out.push({ name, whole, handles: [...handles] }),
    );
    return { clock, aggregator, out };
  };

  it('loses nothing: what comes out adds up to what came in, and each handle comes out once', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b'),
      key: fc.integer({ min: 0, max: 3 }),
      value: fc.integer({ min: 0, max: 9 }),
      waitMs: fc.constantFrom(0, 0, 20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 1, max: 4 }), (given, groups) => {
        const { clock, aggregator, out } = create(groups);
        for (const [at, { name, key, value, waitMs }] of given.entries()) {
          aggregator.add(name, sums, { key, value }, at);
          expect(new Set(out.flatMap(({ handles }) => handles)).size + aggregator.size).toBe(at + 1);
          clock.advance(waitMs);
        }
        clock.advance(50);
        expect([aggregator.size, clock.timers]).toEqual([0, 0]);
        expect(out.flatMap(({ handles }) => handles).sort((a, b) => a - b)).toEqual([...given.keys()]);
        for (const { name, whole, handles } of out) {
          const members = handles.map((at) => given[at]!);
          expect(members.every((one) => one.name === name && one.key === whole.key)).toBe(true);
          expect(whole.value).toBe(members.reduce((sum, { value }) => sum + value, 0));
          expect([...handles]).toEqual([...handles].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('gives out after the window of the first, groups in the order in which they began', () => {
    const { clock, aggregator, out } = create();
    aggregator.add('b', sums, { key: 1, value: 1 }, 0);
    clock.advance(49);
    aggregator.add('a', sums, { key: 1, value: 2 }, 1);
    aggregator.add('b', sums, { key: 1, value: 3 }, 2);
    expect(out).toEqual([]);
    clock.advance(1);
    expect(out.map(({ name, whole }) => [name, whole.value])).toEqual([
      ['b', 4],
      ['a', 2],
    ]);
  });

  it('lets all go when there would be a group too many', () => {
    const { aggregator, out } = create(2);
    for (const key of [1, 2, 3]) aggregator.add('a', sums, { key, value: key }, key);
    expect([out.map(({ whole }) => whole.key), aggregator.size]).toEqual([[1, 2], 1]);
  });

  it('ends a group with the last item that it takes', () => {
    const { aggregator, out } = create();
    for (const at of [1, 2, 3]) aggregator.add('a', { ...sums, items: 2 }, { key: 1, value: at }, at);
    expect([out.map(({ whole }) => whole.value), aggregator.size]).toEqual([[3], 1]);
  });
});
