const firstDelayMs = 500;
/** With the probe and the handshake on top, a page is back within 5 s of its server. */
const longestDelayMs = 3_000;

/** How long to wait before an attempt. Half of it is random, so that a thousand pages do not come back at once. */
export function delayBefore(attempt: number): number {
  const ceiling = Math.min(firstDelayMs * 2 ** attempt, longestDelayMs);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
