import { coversPattern, isPattern, matchesPattern, specificity } from '../../lib/routing/event-pattern.js';

describe('matchesPattern', () => {
  it.each([
    ['stock.acme', 'stock.acme', true],
    ['stock.*', 'stock.acme', true],
    ['stock.*', 'stock', false],
    ['stock.*', 'stock.acme.price', false],
    ['*.acme', 'stock.acme', true],
    ['*', 'stock', true],
    ['*', 'stock.acme', false],
    ['stock.**', 'stock', false],
    ['stock.**', 'stock.acme', true],
    ['stock.**', 'stock.acme.price', true],
    ['*.*.price', 'stock.acme.price', true],
    ['**', 'stock.acme', true],
    ['a.*.**', 'a.b', false],
    ['a.*.**', 'a.b.c.d', true],
    ['stock.*', 'stocks.acme', false],
    ['stock.*', 'stock.', true],
  ])('%s for %s: %s', (pattern, name, expected) => expect(matchesPattern(pattern, name)).toBe(expected));
});

describe('coversPattern', () => {
  it.each([
    ['stock.*', 'stock.acme', true],
    ['stock.*', 'stock.*', true],
    ['stock.*', 'stock.**', false],
    ['stock.**', 'stock.*', true],
    ['stock.**', 'stock.**', true],
    ['stock.**', '**', false],
    ['**', 'stock.*', true],
    ['stock.acme', 'stock.*', false],
    ['*.*', 'stock.**', false],
    ['*.**', 'stock.**', true],
    ['*', '**', false],
    ['stock.*.price', 'stock.*.*', false],
    ['stock.*.*', 'stock.*.price', true],
    ['a.**', 'a.*.**', true],
    ['a.*.**', 'a.**', false],
  ])('%s for %s: %s', (pattern, requested, expected) =>
    expect(coversPattern(pattern, requested)).toBe(expected),
  );

  it('is true only where everything the requested pattern matches is matched (all patterns and names of up to three segments)', () => {
    const combine = (alphabet: string[], length: number): string[] =>
      length === 0
        ? ['']
        : combine(alphabet, length - 1).flatMap((rest) =>
            alphabet.map((one) => (rest ? `${rest}.${one}` : one)),
          );
    const upToThree = (alphabet: string[]): string[] =>
      [1, 2, 3].flatMap((length) => combine(alphabet, length));
    const names = [...upToThree(['a', 'b']), ...combine(['a', 'b'], 4)];
    const patterns = upToThree(['a', '*'])
      .flatMap((pattern) => [pattern, `${pattern}.**`])
      .concat('**');
    for (const pattern of patterns) {
      for (const requested of patterns) {
        const isSubset = names.every(
          (name) => !matchesPattern(requested, name) || matchesPattern(pattern, name),
        );
        // Names of five segments and more would be needed to tell `a.*.*.**` from what it covers: sound is what matters.
        if (coversPattern(pattern, requested))
          expect([pattern, requested, isSubset]).toEqual([pattern, requested, true]);
      }
    }
  });
});

describe('isPattern', () => {
  it.each([['*'], ['**'], ['a.*'], ['*.a'], ['a.**']])('knows %s', (name) =>
    expect(isPattern(name)).toBe(true),
  );
  it.each([['a'], ['a*'], ['a.b*'], ['a.***'], ['']])('does not take %s for one', (name) =>
    expect(isPattern(name)).toBe(false),
  );
});

describe('specificity', () => {
  it('orders literal before one segment before the rest, from the left', () => {
    const patterns = ['**', 'a.**', '*.b', 'a.*', 'a.b', 'a.*.c', 'a.b.**', '*'];
    const ordered = patterns.sort((a, b) => (specificity(a) < specificity(b) ? 1 : -1));
    expect(ordered).toEqual(['a.b.**', 'a.b', 'a.*.c', 'a.*', 'a.**', '*.b', '*', '**']);
  });
});
