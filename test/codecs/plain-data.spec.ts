import fc from 'fast-check';
import { toPlainData } from '../../lib/codecs/plain-data.js';

const seed = Number(process.env['GATEWIRE_SEED'] ?? 20_261_123);

class Money {
  readonly #cents: number;
  readonly currency = 'EUR';
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}

describe('plain data', () => {
  it('is what JSON would send, for anything', () => {
    const anything = fc.anything({
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      maxDepth: 4,
    });
    fc.assert(
      fc.property(anything, (value) => {
        if (hasProto(value)) return;
        expect(JSON.stringify(toPlainData(value, false))).toBe(JSON.stringify(value));
      }),
      { seed, numRuns: 3000 },
    );
  });

  it.each<[string, unknown, unknown]>([
    [
      'members that are undefined, functions or symbols',
      { a: undefined, b: () => 1, c: Symbol('c'), d: 1 },
      { d: 1 },
    ],
    ['items that are', [undefined, () => 1, Symbol('c'), 1], [null, null, null, 1]],
    ['a toJSON, with its key', { a: { toJSON: (key: string) => `of ${key}` } }, { a: 'of a' }],
    ['a toJSON that gives undefined', { a: { toJSON: () => undefined }, b: 1 }, { b: 1 }],
    ['a toJSON that is no function', { toJSON: 1 }, { toJSON: 1 }],
    ['class instances', [new Money(1)], [{ currency: 'EUR' }]],
    ['no prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    ['maps and sets, of which JSON sees nothing', [new Map([[1, 2]]), new Set([1])], [{}, {}]],
    ['dates', [new Date(0), new Date(NaN)], ['1970-01-01T00:00:00.000Z', null]],
    ['lone surrogates', { ['\ud800']: ['a\udc00b', '😀'] }, { '\ufffd': ['a\ufffdb', '😀'] }],
    ['holes', Array.from({ length: 2 }), [null, null]],
  ])('is made of %s', (_what, value, plain) => {
    expect(toPlainData(value, false)).toEqual(plain);
  });

  it('is the value itself where nothing has to change, numbers that JSON has not among it', () => {
    const value = { a: [1, NaN, Infinity, 'größe', null, true, { b: {} }], bytes: Buffer.of(1) };
    expect(toPlainData(value, false)).toBe(value);
    const changed = { same: value, gone: undefined };
    expect((toPlainData(changed, false) as typeof changed).same).toBe(value);
    expect(Object.keys(changed)).toEqual(['same', 'gone']);
  });

  it('has bytes of every kind as bytes', () => {
    const { buffer } = Uint8Array.of(1, 2, 3, 4);
    const views = [
      buffer,
      new DataView(buffer, 1, 2),
      new Uint16Array(buffer),
      new Uint8ClampedArray(buffer),
    ];
    expect(toPlainData(views, false)).toEqual([
      Uint8Array.of(1, 2, 3, 4),
      Uint8Array.of(2, 3),
      Uint8Array.of(1, 2, 3, 4),
      Uint8Array.of(1, 2, 3, 4),
    ]);
  });

  it('keeps dates where they are wanted, if they are any', () => {
    const date = new Date(5);
    expect(toPlainData([date, new Date(NaN)], true)).toEqual([date, null]);
  });

  it('cannot be made of a BigInt, a cycle, or a key __proto__', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const endless = { toJSON: () => endless };
    for (const value of [1n, [1n], cycle, endless, JSON.parse('{"__proto__":1}')])
      expect(() => toPlainData(value, false)).toThrow(TypeError);
  });
});

function hasProto(value: unknown): boolean {
  if (typeof value === 'string') return false;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, one]) => key === '__proto__' || hasProto(one));
}
