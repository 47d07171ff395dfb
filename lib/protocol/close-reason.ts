/** Bytes of a close frame's reason: 125 of a control frame less two for the code (RFC 6455 section 5.5). */
export const closeReasonBytes = 123;

/** A UTF-16 unit takes at most three bytes of UTF-8 (a pair takes four). */
const bytesPerUnit = 3;

/** Cuts a close reason at 123 bytes of UTF-8, between characters; `ws` throws for a longer one. */
export function truncateReason(reason: string): string {
  if (reason.length * bytesPerUnit <= closeReasonBytes) return reason;
  const { read } = new TextEncoder().encodeInto(reason, new Uint8Array(closeReasonBytes));
  return reason.slice(0, read);
}
