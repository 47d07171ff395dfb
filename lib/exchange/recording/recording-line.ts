import type { Envelope } from '../../protocol/envelope.js';

/** Of the format: a reader refuses what is newer. */
export const recordingVersion = 1;

/** The first line; again where the recorder was started anew on the same file: connections and times begin anew then. */
export interface RecordingHeader {
  readonly type: 'recording';
  readonly version: number;
  /** ISO 8601: what `at` of the lines behind it counts from. */
  readonly startedAt: string;
  /** Which part of the connections was recorded. */
  readonly sample: number;
  /** Events that were recorded; absent: all. */
  readonly events?: readonly string[];
  /** Paths that were redacted. */
  readonly redact?: readonly string[];
}

interface TimedLine {
  /** Milliseconds since the start of the recording. */
  readonly at: number;
}

/** A connection has come. Nothing in it says whose it was. */
export interface OpenedLine extends TimedLine {
  readonly type: 'opened';
  /** From 1, within this recording. */
  readonly connection: number;
  readonly path: string;
  /** What of the query the recorder was told to keep. */
  readonly query?: string;
  /** The one that was selected. */
  readonly subprotocol?: string;
  /** The same for all connections of one principal, and without meaning beyond this recording. */
  readonly user?: string;
}

/** A message, `in` from the client, `out` to it: the envelope, with its values as `encodeRecorded` writes them. */
export interface MessageLine
  extends
    TimedLine,
    Pick<Envelope, 'event' | 'data' | 'id' | 'meta' | 'more' | 'done' | 'room' | 'offset' | 'epoch'> {
  readonly type: 'in' | 'out';
  readonly connection: number;
  readonly error?: unknown;
}

/** Lines are missing here: the disk was too slow. */
export interface GapLine extends TimedLine {
  readonly type: 'gap';
  readonly lines: number;
  /** Those whose lines are missing. */
  readonly connections: readonly number[];
}

export interface ClosedLine extends TimedLine {
  readonly type: 'closed';
  readonly connection: number;
  /** Close code (RFC 6455 section 7.4). */
  readonly code: number;
  readonly by: 'peer' | 'server' | 'transport';
}

/** The recorder was shut down in order: without it the recording is cut off. */
export interface EndLine extends TimedLine {
  readonly type: 'end';
}

/** One line of a recording: a JSON object. Readers ignore types and members that they do not know. */
export type RecordingLine = RecordingHeader | OpenedLine | MessageLine | GapLine | ClosedLine | EndLine;
