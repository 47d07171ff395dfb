import { limit, wholeNumber } from '../../../primitives/option-checks.js';
import { OptionError } from '../../../primitives/option-error.js';
import { EventSelection } from '../../../routing/event-selection.js';
import {
  type ContentEncoding,
  contentEncodings,
  type EncodingName,
  highestLevels,
} from './content-encoding.js';

/** Which payloads are compressed on their way out, and how much of those that come in is inflated. */
export interface CompressOptions {
  /**
   * Events, by name or pattern, whose data is compressed whoever receives it: with it you say that all receivers can
   * read it. Without it only messages to one connection that speaks `gatewire.v1.*` are compressed. A reply counts as the event it answers.
   */
  readonly events?: readonly string[];
  /** `br` and `zstd` (Node 22.15 or newer) need `events`, since not every client has them. @default 'gzip' */
  readonly encoding?: EncodingName;
  /** Shorter data (as JSON, in bytes) is sent as it is. @default 1024 */
  readonly thresholdBytes?: number;
  /** Level or quality of the encoding. @default 6 for gzip and deflate, 4 for br, 3 for zstd */
  readonly level?: number;
  /** Longer data is compressed in the thread pool, so that other connections do not wait for it. @default 16_384 */
  readonly syncBytes?: number;
  /** Most that the data of one message may inflate to. At least 1. @default 1_048_576 */
  readonly maxInflatedBytes?: number;
  /** Nesting of JSON in inflated data. `false`: any. @default 64 */
  readonly jsonDepth?: number | false;
}

export const compressDefaults = {
  encoding: 'gzip',
  thresholdBytes: 1024,
  syncBytes: 16_384,
  maxInflatedBytes: 1_048_576,
  jsonDepth: 64,
} as const satisfies CompressOptions;

/** Options with their defaults. */
export interface ResolvedCompressOptions {
  /** Null: only to single connections that are known to read it. */
  readonly events: EventSelection | null;
  readonly encoding: ContentEncoding;
  readonly thresholdBytes: number;
  readonly level: number | undefined;
  readonly syncBytes: number;
  readonly maxInflatedBytes: number;
  readonly jsonDepth: number;
}

/** Fills in defaults. @throws {OptionError} naming the option that cannot work */
export function resolveCompressOptions(input: CompressOptions = {}): ResolvedCompressOptions {
  const { events, encoding: name = compressDefaults.encoding, level } = input;
  const encoding = contentEncodings.get(name);
  if (encoding === undefined)
    throw new OptionError(
      'encoding',
      `one of ${[...contentEncodings.keys()].join(', ')} (what this Node has)`,
      name,
    );
  if (events === undefined && (name === 'br' || name === 'zstd'))
    throw new OptionError(
      'encoding',
      `gzip or deflate where "events" does not say who can read ${name}`,
      name,
    );
  if (level !== undefined && wholeNumber('level', level, 1) > highestLevels[name])
    throw new OptionError('level', `at most ${highestLevels[name]}`, level);
  return {
    events: events === undefined ? null : new EventSelection(events),
    encoding,
    thresholdBytes: wholeNumber('thresholdBytes', input.thresholdBytes ?? compressDefaults.thresholdBytes, 0),
    level,
    syncBytes: wholeNumber('syncBytes', input.syncBytes ?? compressDefaults.syncBytes, 0),
    maxInflatedBytes: wholeNumber(
      'maxInflatedBytes',
      input.maxInflatedBytes ?? compressDefaults.maxInflatedBytes,
    ),
    jsonDepth: limit('jsonDepth', input.jsonDepth ?? compressDefaults.jsonDepth),
  };
}
