import { limit } from '../primitives/option-checks.js';

/** How a binary codec is spoken. */
export interface BinaryCodecOptions {
  /**
   * Dates travel as dates of the format, in both directions. Off: a `Date` is sent as its ISO string, as in JSON, and
   * dates of the format are refused. @default false
   */
  readonly dates?: boolean;
  /**
   * Arrays and maps in one frame; `false`: as many as it has room for. An empty one is one byte on the wire and 64 in
   * memory. @default 100_000
   */
  readonly containers?: number | false;
}

export const binaryCodecDefaults = {
  dates: false,
  containers: 100_000,
} as const satisfies Required<BinaryCodecOptions>;

/** Fills in defaults. @throws {OptionError} naming the option that cannot work */
export function resolveBinaryCodecOptions(input: BinaryCodecOptions = {}): {
  dates: boolean;
  containers: number;
} {
  return {
    dates: input.dates ?? binaryCodecDefaults.dates,
    containers: limit('containers', input.containers ?? binaryCodecDefaults.containers),
  };
}
