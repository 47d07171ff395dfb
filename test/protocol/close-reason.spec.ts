import { truncateReason } from '../../lib/protocol/index.js';

describe('truncateReason', () => {
  it.each([
    ['123 bytes are left as they are', 'a'.repeat(123), 'a'.repeat(123)],
    ['of 124 bytes the last is cut', 'a'.repeat(124), 'a'.repeat(123)],
    ['41 characters of three bytes fit', '€'.repeat(41), '€'.repeat(41)],
    ['characters are not cut in two', `a${'€'.repeat(41)}`, `a${'€'.repeat(40)}`],
    ['surrogates stay together', `${'a'.repeat(120)}😀`, 'a'.repeat(120)],
    ['nothing stays nothing', '', ''],
  ])('%s', (_name, reason, expected) => {
    expect(truncateReason(reason)).toBe(expected);
    expect(Buffer.byteLength(truncateReason(reason))).toBeLessThanOrEqual(123);
  });
});
