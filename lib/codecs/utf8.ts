/**
 * Whether bytes are UTF-8 (RFC 3629 section 4): no overlong forms, no surrogates, nothing beyond U+10FFFF.
 * Decoders put U+FFFD in the place of what is not, so that two different keys could become one.
 */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(lead);
    if (length === 0 || at + length > end || !isSequence(bytes, at, length)) return false;
    at += length;
  }
  return true;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

function isSequence(bytes: Uint8Array, at: number, length: number): boolean {
  for (let offset = 1; offset < length; offset++) {
    if ((bytes[at + offset]! & 0xc0) !== 0x80) return false;
  }
  const lead = bytes[at]!;
  const second = bytes[at + 1]!;
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90;
  return lead !== 0xf4 || second <= 0x8f;
}
