import type { Writable } from 'node:stream';
import { DataPaths } from '../../../exchange/data/data-path.js';
import { durationMs, limit, wholeNumber } from '../../../primitives/option-checks.js';
import { OptionError } from '../../../primitives/option-error.js';

/** What is recorded, and how. */
export interface RecorderOptions {
  /** Which part of the connections is recorded, 0 to 1: of a connection all or nothing, by its id. @default 1 */
  readonly sample?: number;
  /**
   * Names and patterns of events, with their answers; a `$publish` counts as the event that it publishes, and subscriptions
   * are always recorded. @default every event
   */
  readonly events?: readonly string[];
  /**
   * What is never written: `data.password`, `data.cards.*.number`, `error.details`, `**.token`. Credentials of a message
   * (`meta.token`) and those of the protocol's own events never are, whatever stands here. @default nothing
   */
  readonly redact?: readonly string[];
  /** Parameters of the query that are written; it may hold credentials. @default none */
  readonly query?: readonly string[];
  /** Bytes that wait for a disk that does not keep up; further lines are lost, and a gap says so. @default 8_388_608 (8 MiB) */
  readonly bufferBytes?: number | false;
  /** How long a shutdown waits for what has not been written, in milliseconds. @default 5_000 */
  readonly flushMs?: number;
}

/** Where a recording goes: a file, which is appended to, or a stream, which is ended at shutdown. */
export type RecordingTarget = string | Writable;

const recorderDefaults = {
  sample: 1,
  query: [],
  bufferBytes: 8_388_608,
  flushMs: 5_000,
} as const satisfies RecorderOptions;

/** Where paths begin. */
const roots = ['data', 'meta', 'error', '**'];

export type ResolvedRecorderOptions = Required<Omit<RecorderOptions, 'events' | 'redact' | 'bufferBytes'>> & {
  readonly bufferBytes: number;
  readonly events: readonly string[] | undefined;
  readonly redact: readonly string[] | undefined;
  readonly redacted: DataPaths | undefined;
};

/** @throws {OptionError} */
export function resolveRecorderOptions(input: RecorderOptions): ResolvedRecorderOptions {
  const options = { ...recorderDefaults, ...input };
  const redact = input.redact?.length === 0 ? undefined : input.redact;
  for (const path of redact ?? []) {
    // A path that leads nowhere would be a secret in the file.
    if (!roots.includes(path.split('.')[0] as string))
      throw new OptionError('redact', `paths that begin with one of ${roots.join(', ')}`, path);
  }
  return {
    ...options,
    bufferBytes: limit('bufferBytes', options.bufferBytes),
    flushMs: durationMs('flushMs', wholeNumber('flushMs', options.flushMs, 0), 0),
    events: input.events,
    redact,
    redacted: redact && new DataPaths('redact', redact),
  };
}

/** @throws {OptionError} */
export function checkTarget(target: unknown): RecordingTarget {
  if (typeof target === 'string' && target !== '') return target;
  if (typeof (target as Partial<Writable> | null)?.write === 'function') return target as Writable;
  throw new OptionError('target', 'the path of a file, or a Writable', target);
}
