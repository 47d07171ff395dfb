/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
export type Random = () => number;

export function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function wholeNumber(random: Random, below: number): number {
  return Math.floor(random() * below);
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[wholeNumber(random, from.length)] as T;
}

export function randomBytes(random: Random, most: number): Uint8Array {
  return Uint8Array.from({ length: wholeNumber(random, most + 1) }, () => wholeNumber(random, 256));
}

const texts = [
  '',
  'a',
  'event',
  '__proto__',
  'constructor',
  '$bytes',
  'größe',
  '😀',
  '"\\',
  '\u0000',
  '{[',
  'x'.repeat(300),
];
const keys = [
  'event',
  'data',
  'id',
  'meta',
  'error',
  'more',
  'done',
  'room',
  'seq',
  'epoch',
  'code',
  'message',
  ...texts,
];

/** Any JSON value, likely to look like an envelope. */
export function randomJson(random: Random, depth: number): unknown {
  const kind = wholeNumber(random, depth > 0 ? 8 : 6);
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return pick(random, [0, -1, 1.5, 1e21, 2 ** 53, wholeNumber(random, 1000)]);
  if (kind < 6) return pick(random, texts);
  const items = Array.from({ length: wholeNumber(random, 5) }, () => randomJson(random, depth - 1));
  return kind === 6 ? items : Object.fromEntries(items.map((item) => [pick(random, keys), item]));
}
