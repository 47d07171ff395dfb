import type { DeadLetter } from '../pipeline/dead-letter.js';

/**
 * A gateway's say about what was tried in vain: reliable emits (`reliable: true`) to connections of its endpoint that were not
 * acknowledged, and messages that its own `@Reliable()` handlers could not handle. Where it is async a shutdown waits for it, up to 5 s.
 */
export interface OnDeadLetter {
  onDeadLetter(letter: DeadLetter): void | Promise<void>;
}
