/** Counts one thing for one key. */
export interface Meter {
  /** Milliseconds until `cost` would be allowed; 0: now. `Infinity`: never, it is more than there can be. */
  wait(now: number, cost: number): number;
  /** Counts. */
  add(now: number, cost: number): void;
  /** From when on it is as good as new. */
  readonly idleAt: number;
  /** What it has counted, so that another one can go on with it. */
  readonly state: readonly number[];
}
