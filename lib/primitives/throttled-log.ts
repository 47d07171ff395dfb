import type { Clock } from './clock.js';

/** What the log lines go to; Nest's `LoggerService` fits. */
export interface LogSink {
  warn(message: string): void;
  error(message: unknown): void;
}

/** A line of each kind is written once per window; what came meanwhile is counted and told with the next one. */
export class ThrottledLog {
  readonly #sink: LogSink;
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #kinds = new Map<string, { openAt: number; suppressed: number }>();

  /** @param windowMs at most one line per kind in this time. @default 10_000 */
  constructor(sink: LogSink, clock: Clock, windowMs = 10_000) {
    this.#sink = sink;
    this.#clock = clock;
    this.#windowMs = windowMs;
  }

  /** `kind` MUST come from a fixed set: the peer's data never makes a new one. `line` is built only when it is written. */
  warn(kind: string, line: () => string): void {
    const suppressed = this.#take(kind);
    if (suppressed === undefined) return;
    this.#sink.warn(line() + (suppressed > 0 ? ` (${suppressed} more like it since the last line)` : ''));
  }

  /** An error with its stack. `kind` as with {@link warn}. */
  error(kind: string, error: unknown): void {
    const suppressed = this.#take(kind);
    if (suppressed === undefined) return;
    if (suppressed > 0) this.#sink.warn(`${suppressed} more errors of kind ${kind} since the last line`);
    this.#sink.error(error);
  }

  /** How many lines of this kind were held back, if one may be written now. */
  #take(kind: string): number | undefined {
    const now = this.#clock.now();
    const seen = this.#kinds.get(kind);
    if (seen !== undefined && now < seen.openAt) {
      seen.suppressed++;
      return undefined;
    }
    this.#kinds.set(kind, { openAt: now + this.#windowMs, suppressed: 0 });
    return seen?.suppressed ?? 0;
  }
}
