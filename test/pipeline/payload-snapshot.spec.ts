import { DataPaths } from '../../lib/exchange/data/data-path.js';
import { PayloadSnapshot } from '../../lib/exchange/data/payload-snapshot.js';

const copy = (data: unknown, characters = 1000, ...paths: string[]): unknown =>
  new PayloadSnapshot(characters).copy(
    data,
    paths.length === 0 ? undefined : new DataPaths('redact', paths).start,
  );

describe('a snapshot of a payload', () => {
  it('is a copy of what would be sent', () => {
    const data = {
      text: 'a',
      list: [1, true, null],
      none: undefined,
      run: () => 1,
      at: new Date(0),
      big: 5n,
      bytes: Buffer.alloc(3),
    };
    expect(copy(data)).toEqual({
      text: 'a',
      list: [1, true, null],
      none: undefined,
      run: undefined,
      at: '1970-01-01T00:00:00.000Z',
      big: '5',
      bytes: '[3 bytes]',
    });
    expect(copy(JSON.parse('{"__proto__":{"a":1}}'))).toEqual(JSON.parse('{"__proto__":{"a":1}}'));
  });

  it('leaves out what the paths lead to, and all beneath', () => {
    const data = {
      password: 'x',
      user: { password: 'x', name: 'n', token: { value: 'x' } },
      cards: [
        { number: 'x', holder: 'h' },
        { number: 'x', holder: 'i' },
      ],
    };
    const seen = copy(data, 1000, 'password', 'cards.*.number', '**.token', 'cards.1.holder');
    expect(seen).toEqual({
      password: '[redacted]',
      user: { password: 'x', name: 'n', token: '[redacted]' },
      cards: [
        { number: '[redacted]', holder: 'h' },
        { number: '[redacted]', holder: '[redacted]' },
      ],
    });
    expect(data.cards[0]?.number).toBe('x');
    expect(copy({ a: { secret: 1, b: { secret: [2] } }, secret: 3 }, 1000, '**.secret')).toEqual({
      a: { secret: '[redacted]', b: { secret: '[redacted]' } },
      secret: '[redacted]',
    });
    expect(copy({ toJSON: () => ({ secret: 1 }) }, 1000, 'secret')).toEqual({ secret: '[redacted]' });
  });

  it.each([10, 100, 1000])('is bounded: %d characters', (characters) => {
    const huge = {
      text: 'x'.repeat(10_000),
      list: Array.from({ length: 10_000 }, () => ({ a: 'b'.repeat(100) })),
    };
    for (const data of [huge, huge.list, huge.text, Array.from({ length: 10_000 }, () => [[]])]) {
      const text = JSON.stringify(copy(data, characters));
      expect(text.length).toBeLessThan(characters * 3 + 50);
      expect(text).toContain('…');
    }
  });

  it('cuts a text exactly where the limit is', () => {
    expect(copy('12345', 5)).toBe('12345');
    expect(copy('123456', 5)).toBe('12345…');
  });

  it('ends where a cycle does not', () => {
    const cycle: Record<string, unknown> = { name: 'c' };
    cycle['self'] = cycle;
    expect(JSON.stringify(copy(cycle, 10_000))).toContain('"self":"…"');
  });
});
