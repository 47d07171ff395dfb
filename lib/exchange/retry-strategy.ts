/** What a strategy is asked with. */
export interface RetryAttempt {
  /** 1 after the first failure. */
  readonly attempt: number;
  /** Since the first failure, in milliseconds. */
  readonly elapsedMs: number;
  /** What the last attempt failed with. */
  readonly error?: unknown;
}

/** How long to wait before the next attempt, in milliseconds; `false`: give up. */
export type RetryStrategy = (attempt: RetryAttempt) => number | false;

/** When to give up. */
export interface RetryLimits {
  /** Attempts after the first. @default Infinity */
  readonly count?: number;
  /** Since the first failure. @default Infinity */
  readonly totalMs?: number;
  /** Whether another attempt makes sense after this error. @default always */
  readonly when?: (error: unknown) => boolean;
}

function limited(delayOf: (attempt: number) => number, limits: RetryLimits): RetryStrategy {
  const { count = Infinity, totalMs = Infinity, when } = limits;
  return ({ attempt, elapsedMs, error }) =>
    attempt > count || elapsedMs >= totalMs || when?.(error) === false ? false : delayOf(attempt);
}

/** Again at once. */
export function immediate(limits: RetryLimits = {}): RetryStrategy {
  return limited(() => 0, limits);
}

/** Always the same wait. */
export function fixed(delayMs: number, limits: RetryLimits = {}): RetryStrategy {
  return limited(() => delayMs, limits);
}

/** Waits `stepMs`, twice that, three times that, … up to `maxMs`. */
export function stepwise(stepMs: number, maxMs = Infinity, limits: RetryLimits = {}): RetryStrategy {
  return limited((attempt) => Math.min(maxMs, stepMs * attempt), limits);
}

/** How an exponential wait grows. */
export interface ExponentialOptions extends RetryLimits {
  /** The first bound. @default 500 */
  readonly minMs?: number;
  /** The last bound. @default 30_000 */
  readonly maxMs?: number;
  /** @default 2 */
  readonly factor?: number;
  /**
   * `full`: anything up to the bound, so that clients that were cut together do not come back together. `none`: the bound.
   * @default 'full'
   */
  readonly jitter?: 'full' | 'none';
  /** From 0 up to 1. @default Math.random */
  readonly random?: () => number;
}

/** Waits that double, with full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015). */
export function exponential(options: ExponentialOptions = {}): RetryStrategy {
  const { minMs = 500, maxMs = 30_000, factor = 2, jitter = 'full', random = Math.random } = options;
  return limited((attempt) => {
    const bound = Math.min(maxMs, minMs * factor ** (attempt - 1));
    return jitter === 'full' ? bound * random() : bound;
  }, options);
}
