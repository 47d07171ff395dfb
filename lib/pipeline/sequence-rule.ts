import { wholeNumber } from '../primitives/option-checks.js';

/** How numbered messages are put into order. Every key is optional. */
export interface SequencedOptions {
  /** Numbers that may be ahead of their turn; what is further ahead is refused with `OVERLOADED`. @default 64 */
  readonly window?: number;
  /** Bytes of the messages that wait, for each stream; more are refused with `OVERLOADED`. @default 262_144 */
  readonly windowBytes?: number;
  /**
   * How long a missing number is waited for, in milliseconds. Then what waits is handled without it, and when it comes
   * after all it is refused with `CONFLICT`. @default 2_000
   */
  readonly gapMs?: number;
  /** Streams (`meta.stream`) of one connection; more are refused with `TOO_MANY_REQUESTS`. @default 16 */
  readonly streams?: number;
}

/** Options with every default filled in. Who has the same rule object shares the numbers. */
export type SequenceRule = Required<SequencedOptions>;

export const sequencedDefaults = {
  window: 64,
  windowBytes: 262_144,
  gapMs: 2_000,
  streams: 16,
} as const satisfies SequenceRule;

const longestTimerMs = 2_147_483_647;

/** @throws {OptionError} */
export function resolveSequenced(options: SequencedOptions = {}): SequenceRule {
  const {
    window = sequencedDefaults.window,
    windowBytes = sequencedDefaults.windowBytes,
    gapMs = sequencedDefaults.gapMs,
    streams = sequencedDefaults.streams,
  } = options;
  return {
    window: wholeNumber('window', window, 1, 65_536),
    windowBytes: wholeNumber('windowBytes', windowBytes),
    gapMs: wholeNumber('gapMs', gapMs, 1, longestTimerMs),
    streams: wholeNumber('streams', streams),
  };
}
