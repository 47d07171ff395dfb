/** How counting forgets: a window that moves with time, or a bucket that fills up steadily. */
export type CountingAlgorithm = 'sliding-window' | 'token-bucket';

/** What is counted for a key, and how much of it may be. A number that is `Infinity` is not counted. */
export interface CounterRule {
  readonly algorithm: CountingAlgorithm;
  /** The time that `messages` and `bytes` are for, in milliseconds. */
  readonly perMs: number;
  readonly messages: number;
  readonly bytes: number;
  /** Token bucket: messages that a rested key may send at once. Sliding window: the same as `messages`. */
  readonly burstMessages: number;
  /** As {@link burstMessages}, in bytes. */
  readonly burstBytes: number;
}

/** What a store says to one demand. */
export interface CounterVerdict {
  readonly isAllowed: boolean;
  /** 0 when allowed; else milliseconds after which the same demand would be allowed if nothing else came. */
  readonly retryAfterMs: number;
}

/**
 * Where rates are counted: in memory, or where several processes count together.
 *
 * MUST decide about messages and bytes together and at once: both are counted, or neither is. MUST NOT allow more than
 * the rule in any `perMs` (sliding window), or more than the burst and what has flowed in since (token bucket). MUST NOT
 * count what it refuses. SHOULD let a key recover within a sixteenth of `perMs` of the exact moment. MUST forget keys
 * that have recovered, and MUST bound how many it keeps. A key belongs to one rule.
 */
export interface CounterStore {
  /** Called once per rule, before its first use. @throws {OptionError} for a rule that the store cannot keep */
  check?(rule: CounterRule): void;
  /** Counts one demand if the rule allows it. What it throws, or rejects with, is a failure of the store. */
  take(
    key: string,
    rule: CounterRule,
    messages: number,
    bytes: number,
  ): CounterVerdict | PromiseLike<CounterVerdict>;
}
