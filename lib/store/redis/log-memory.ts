import type { LogPosition } from '../message-log.js';

/** Batches of which nobody can say whether they were appended: from the first to the last. */
export interface Doubt {
  readonly from: number;
  readonly to: number;
}

/** Logs that are remembered. */
const capacity = 10_000;

/**
 * What this process knows of logs, so that it notices when Redis has come back with less: how far each was, and which appends
 * had no answer. Of logs that were used longest ago nothing is known.
 */
export class LogMemory {
  readonly #positions = new Map<string, LogPosition>();
  readonly #doubts = new Map<string, Doubt>();

  position(log: string): LogPosition | undefined {
    return this.#positions.get(log);
  }

  doubt(log: string): Doubt | undefined {
    return this.#doubts.get(log);
  }

  /** A log was there, which also ends a doubt that was told to it. */
  heard(log: string, { epoch, offset }: LogPosition, doubt: Doubt | undefined): void {
    const known = this.#positions.get(log);
    // Answers may overtake each other.
    const highest = known?.epoch === epoch ? Math.max(known.offset, offset) : offset;
    remember(this.#positions, log, { epoch, offset: highest });
    if (doubt !== undefined && this.#doubts.get(log) === doubt) this.#doubts.delete(log);
  }

  /** A batch had no answer. */
  doubted(log: string, batch: number): void {
    remember(this.#doubts, log, { from: this.#doubts.get(log)?.from ?? batch, to: batch });
  }

  forget(log: string): void {
    this.#positions.delete(log);
    this.#doubts.delete(log);
  }
}

function remember<Value>(map: Map<string, Value>, log: string, value: Value): void {
  map.delete(log);
  map.set(log, value);
  if (map.size <= capacity) return;
  const [longestUnused] = map.keys();
  if (longestUnused !== undefined) map.delete(longestUnused);
}
