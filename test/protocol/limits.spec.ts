import {
  decodeEnvelope,
  type DecodeLimits,
  type ProtocolError,
  resolveDecodeLimits,
} from '../../lib/protocol/index.js';

function codeOf(frame: string, limits?: Partial<DecodeLimits>): string | undefined {
  try {
    decodeEnvelope(frame, limits);
    return undefined;
  } catch (error) {
    return (error as ProtocolError).code;
  }
}

const nested = (open: string, close: string, levels: number): string =>
  `{"event":"a","data":${open.repeat(levels)}${close.repeat(levels)}}`;

describe('the limits of a decoder', () => {
  it.each([1, 2, 3, 64, 200])('take JSON nested %i deep, and not one level more', (jsonDepth) => {
    expect(codeOf(nested('[', ']', jsonDepth - 1), { jsonDepth })).toBe(
      jsonDepth === 1 ? 'BAD_JSON' : undefined,
    );
    expect(codeOf(nested('[', ']', jsonDepth), { jsonDepth })).toBe('TOO_DEEP');
  });

  it('count objects like arrays', () => {
    const objects = (levels: number): string =>
      `{"event":"a","data":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`;
    expect(codeOf(objects(63))).toBeUndefined();
    expect(codeOf(objects(64))).toBe('TOO_DEEP');
  });

  it('do not count brackets in strings, behind escaped quotes either', () => {
    const text = JSON.stringify({
      event: 'a',
      data: [`${'['.repeat(500)}"\\${'{'.repeat(500)}`, '\\', '[['.repeat(100)],
    });
    expect(codeOf(text)).toBeUndefined();
  });

  it('do not count siblings', () => {
    expect(
      codeOf(JSON.stringify({ event: 'a', data: Array.from({ length: 1000 }, () => [{}]) })),
    ).toBeUndefined();
  });

  it('refuse a megabyte of brackets before it is parsed', () => {
    expect(codeOf('['.repeat(1_000_000))).toBe('TOO_DEEP');
  });

  it('take a batch of as many envelopes as they say, and not one more', () => {
    const batch = (items: number): string =>
      JSON.stringify(Array.from({ length: items }, () => ({ event: 'a' })));
    expect(codeOf(batch(3), { batchItems: 3 })).toBeUndefined();
    expect(codeOf(batch(4), { batchItems: 3 })).toBe('BATCH_TOO_LARGE');
  });

  it('take names and ids as long as they say, and not one character more', () => {
    const limits = { eventNameLength: 3, messageIdLength: 2 };
    expect(codeOf('{"event":"abc","id":"ab"}', limits)).toBeUndefined();
    expect(codeOf('{"event":"abcd","id":"ab"}', limits)).toBe('BAD_ENVELOPE');
    expect(codeOf('{"event":"abc","id":"abc"}', limits)).toBe('BAD_ENVELOPE');
  });

  it('can be switched off', () => {
    const limits = resolveDecodeLimits({
      jsonDepth: false,
      batchItems: false,
      eventNameLength: false,
      messageIdLength: false,
    });
    expect(codeOf(nested('[', ']', 1000), limits)).toBeUndefined();
    expect(
      codeOf(
        JSON.stringify(
          Array.from({ length: 1000 }, () => ({ event: 'e'.repeat(1000), id: 'i'.repeat(1000) })),
        ),
        limits,
      ),
    ).toBeUndefined();
  });

  it.each([0, -1, 1.5, Number.NaN, '64', true])('cannot be %p', (value) => {
    expect(() => resolveDecodeLimits({ jsonDepth: value as number })).toThrow('limits.jsonDepth');
  });

  it('have defaults', () => {
    expect(resolveDecodeLimits()).toEqual({
      jsonDepth: 64,
      batchItems: 256,
      eventNameLength: 128,
      messageIdLength: 128,
    });
  });
});
