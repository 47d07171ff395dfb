import fc from 'fast-check';
import { DataPaths } from '../../lib/exchange/data/data-path.js';
import { decodeRecorded, encodeRecorded, redacted } from '../../lib/exchange/recording/recorded-value.js';

const throughFile = (value: unknown): unknown =>
  decodeRecorded(JSON.parse(JSON.stringify(encodeRecorded(value, undefined))) as unknown);

describe('a recorded value', () => {
  it.each([
    ['text', 'hi'],
    ['null', null],
    ['bytes', new Uint8Array([0, 1, 255])],
    ['bytes at any depth', { a: [{ b: new Uint8Array([7]) }] }],
    ['no bytes', new Uint8Array()],
    ['data with a key of ours', { $bytes: 'AAAA' }],
    ['data with another key of ours', { $redacted: true, x: 1 }],
    ['data that looks like what protects it', { $plain: { $plain: { $bytes: 1 } } }],
  ])('is read as it was written: %s', (_name, value) => {
    expect(throughFile(value)).toEqual(value);
  });

  it('is read as it was written, whatever it is', () => {
    const keys = fc.oneof(fc.constantFrom('$bytes', '$redacted', '$plain', '__proto__'), fc.string());
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 0 }),
        fc.uint8Array({ maxLength: 8 }),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(keys, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const plain = JSON.parse(JSON.stringify(encodeRecorded(value, undefined))) as unknown;
        expect(encodeRecorded(decodeRecorded(plain), undefined)).toEqual(plain);
        expect(throughFile(value)).toEqual(withoutNegativeZero(value));
      }),
      { numRuns: 500 },
    );
  });

  it('is what JSON makes of dates, and texts of what JSON has not', () => {
    const at = new Date(0);
    expect(encodeRecorded({ at, big: 12n, none: undefined }, undefined)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      big: '12',
      none: undefined,
    });
  });

  it('has nothing of what is redacted: nested, in arrays, and with all beneath', () => {
    const paths = new DataPaths('redact', ['user.password', 'cards.*.number', '**.token']);
    const data = {
      user: { name: 'a', password: { old: 'secret', now: 'secret' } },
      cards: [{ number: 'secret', kind: 'visa' }, { number: new Uint8Array([1]) }],
      deep: [[{ token: 'secret' }], { x: { token: ['secret'] } }],
    };
    const encoded = encodeRecorded(data, paths.start);
    expect(JSON.stringify(encoded)).not.toContain('secret');
    const gone = { $redacted: true };
    expect(encoded).toEqual({
      user: { name: 'a', password: gone },
      cards: [{ number: gone, kind: 'visa' }, { number: gone }],
      deep: [[{ token: gone }], { x: { token: gone } }],
    });
    expect(decodeRecorded(gone)).toBe(redacted);
    expect(decodeRecorded({ password: gone }, '[redacted]')).toEqual({ password: '[redacted]' });
  });
});

/** JSON has none. */
function withoutNegativeZero(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutNegativeZero(item)]));
}
