import { OptionError } from './option-error.js';

/** Longest delay a timer can hold (2^31 - 1 ms); Node fires at once beyond it. */
const longestTimerMs = 2_147_483_647;

/** A whole number of at least `min`. @throws {OptionError} */
export function wholeNumber(option: string, value: unknown, min = 1, max = Infinity): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new OptionError(option, `a whole number ${range}`, value);
  }
  return value;
}

/** A limit: a whole number, or `false` for none (then `Infinity`). @throws {OptionError} */
export function limit(option: string, value: unknown, min = 1): number {
  if (value === false || value === Infinity) return Infinity;
  if (value === true) throw new OptionError(option, `a whole number of at least ${min}, or false`, value);
  return wholeNumber(option, value, min);
}

/** A duration in milliseconds that a timer can hold, or `false` for never (then `Infinity`). @throws {OptionError} */
export function durationMs(option: string, value: unknown, min = 1): number {
  const ms = limit(option, value, min);
  if (ms !== Infinity && ms > longestTimerMs)
    throw new OptionError(option, `at most ${longestTimerMs} ms`, value);
  return ms;
}
