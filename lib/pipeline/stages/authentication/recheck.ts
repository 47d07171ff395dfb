/**
 * When credentials are asked about again, in milliseconds since the epoch: after four fifths of the time at least, so that
 * those who came back at once after a restart do not ask at once.
 */
export function recheckAt(withinMs: number): number {
  return Date.now() + withinMs * (0.8 + Math.random() * 0.2);
}
