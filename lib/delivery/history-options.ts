import { limit, wholeNumber } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import { hasSoundWildcards, matchesPattern } from '../routing/event-pattern.js';
import type { MessageLog, Retention } from '../store/message-log.js';

/** How much of what is published to a room is kept: the latest messages within all of the bounds. */
export interface RoomRetention {
  /** Messages. `false`: any number. @default 100 */
  readonly count?: number | false;
  /** Bytes of their JSON. `false`: any number. @default 1_048_576 */
  readonly bytes?: number | false;
  /** In milliseconds since they were published. `false`: for ever. @default 86_400_000 (a day) */
  readonly ageMs?: number | false;
  /** Of messages with the same `key` (an option of `publish`) only the latest is kept. @default false */
  readonly latestPerKey?: boolean;
}

/** Which rooms remember what was published to them (docs/history.md). */
export interface HistoryOptions {
  /** Names of rooms, or patterns of them. The first one that fits a room counts; other rooms have no history. */
  readonly rooms: Readonly<Record<string, RoomRetention>>;
  /** Where it is kept. @default in memory, 10,000 rooms */
  readonly log?: MessageLog;
  /** Bytes that are read at a time for one subscriber who has missed something. @default 65_536 */
  readonly pageBytes?: number;
}

/** Which history a room has; undefined: none. */
export type RetentionOf = (room: string) => Retention | undefined;

export interface ResolvedHistoryOptions {
  readonly retentionOf: RetentionOf;
  readonly log: MessageLog | undefined;
  readonly pageBytes: number;
}

export const historyDefaults = {
  count: 100,
  bytes: 1_048_576,
  ageMs: 86_400_000,
  latestPerKey: false,
  pageBytes: 65_536,
} as const;

/** Rooms whose retention is remembered: patterns are not matched for each message. */
const rememberedRooms = 10_000;

/** Fills in defaults. @throws {OptionError} */
export function resolveHistoryOptions(input: HistoryOptions = { rooms: {} }): ResolvedHistoryOptions {
  const patterns = Object.entries(input.rooms).map(([pattern, retention]) => {
    if (!hasSoundWildcards(pattern))
      throw new OptionError('history.rooms', 'names of rooms, or patterns', pattern);
    return [pattern, resolveRetention(`history.rooms["${pattern}"]`, retention)] as const;
  });
  return {
    retentionOf: remembering((room) => patterns.find(([pattern]) => matchesPattern(pattern, room))?.[1]),
    log: input.log,
    pageBytes: wholeNumber('history.pageBytes', input.pageBytes ?? historyDefaults.pageBytes),
  };
}

function resolveRetention(name: string, retention: RoomRetention): Retention {
  const { latestPerKey = historyDefaults.latestPerKey } = retention;
  if (typeof latestPerKey !== 'boolean')
    throw new OptionError(`${name}.latestPerKey`, 'true or false', latestPerKey);
  return {
    count: limit(`${name}.count`, retention.count ?? historyDefaults.count),
    bytes: limit(`${name}.bytes`, retention.bytes ?? historyDefaults.bytes),
    // No timer holds it: it is compared.
    ageMs: limit(`${name}.ageMs`, retention.ageMs ?? historyDefaults.ageMs),
    latestPerKey,
  };
}

function remembering(find: RetentionOf): RetentionOf {
  const known = new Map<string, Retention | undefined>();
  return (room) => {
    if (known.has(room)) return known.get(room);
    if (known.size >= rememberedRooms) known.clear();
    const retention = find(room);
    known.set(room, retention);
    return retention;
  };
}
