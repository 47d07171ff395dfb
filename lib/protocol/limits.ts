import { limit } from '../primitives/option-checks.js';

/** What a decoder takes. Each number is inclusive; `Infinity` is no limit. */
export interface DecodeLimits {
  /** Nesting of objects and arrays in a frame; the envelope is the first level. @default 64 */
  readonly jsonDepth: number;
  /** Envelopes in one batch. @default 256 */
  readonly batchItems: number;
  /** UTF-16 units of an event name. @default 128 */
  readonly eventNameLength: number;
  /** UTF-16 units of an id that is a string. @default 128 */
  readonly messageIdLength: number;
}

export const decodeDefaults = {
  jsonDepth: 64,
  batchItems: 256,
  eventNameLength: 128,
  messageIdLength: 128,
} as const satisfies DecodeLimits;

/** Fills in defaults; `false` is no limit. @throws {OptionError} naming the limit that cannot work */
export function resolveDecodeLimits(
  input: { readonly [Name in keyof DecodeLimits]?: number | false } = {},
): DecodeLimits {
  const resolve = (name: keyof DecodeLimits): number =>
    limit(`limits.${name}`, input[name] ?? decodeDefaults[name]);
  return {
    jsonDepth: resolve('jsonDepth'),
    batchItems: resolve('batchItems'),
    eventNameLength: resolve('eventNameLength'),
    messageIdLength: resolve('messageIdLength'),
  };
}
