import { createReadStream } from 'node:fs';
import type { MessageLine, RecordingHeader, RecordingLine } from '../exchange/recording/recording-line.js';
import { recordingVersion } from '../exchange/recording/recording-line.js';
import { ReplayError } from './replay-error.js';

/** A file, or what it holds: a stream of Node or of the web, in any pieces. */
export type RecordingSource = string | AsyncIterable<string | Uint8Array>;

/** A longer line is none that a recorder has written. */
const longestLine = 128 * 1024 * 1024;

/**
 * Reads a recording line by line, as slowly as it is asked for. A part that a restarted recorder has appended goes on in time and in
 * numbers of connections. Lines that cannot be read, such as the last one of a process that was killed, are counted.
 */
export class RecordingReader {
  /** Lines that could not be read. */
  brokenLines = 0;
  readonly #source: RecordingSource;
  #header: RecordingHeader | null = null;
  /** Of the part that is being read. */
  #shiftMs = 0;
  #firstConnection = 0;
  #lastConnection = 0;

  constructor(source: RecordingSource) {
    this.#source = source;
  }

  /** @throws {ReplayError} for what is no recording, or of a version that is not known; and what reading throws */
  async *[Symbol.asyncIterator](): AsyncGenerator<RecordingLine> {
    for await (const text of this.#texts()) {
      if (text.trim() === '') continue;
      const line = parse(text);
      if (line?.type === 'recording') yield this.#begin(line as unknown as RecordingHeader);
      else if (this.#header === null)
        throw new ReplayError('this is no recording: its first line says nothing of one');
      else if (line === undefined || !isUsable(line)) this.brokenLines++;
      else yield this.#placed(line as unknown as Exclude<RecordingLine, RecordingHeader>);
    }
    if (this.#header === null) throw new ReplayError('this is no recording: it is empty');
  }

  #begin(header: RecordingHeader): RecordingHeader {
    if (header.version !== recordingVersion)
      throw new ReplayError(
        `the recording is of version ${String(header.version)}: version ${recordingVersion} can be read`,
      );
    this.#header ??= header;
    this.#shiftMs = Math.max(0, Date.parse(header.startedAt) - Date.parse(this.#header.startedAt)) || 0;
    this.#firstConnection = this.#lastConnection;
    return header;
  }

  #placed(line: Exclude<RecordingLine, RecordingHeader>): RecordingLine {
    const at = line.at + this.#shiftMs;
    if ('connection' in line) return { ...line, at, connection: this.#connection(line.connection) };
    if (line.type !== 'gap') return { ...line, at };
    return { ...line, at, connections: line.connections.map((number) => this.#connection(number)) };
  }

  #connection(number: number): number {
    const placed = this.#firstConnection + number;
    this.#lastConnection = Math.max(this.#lastConnection, placed);
    return placed;
  }

  async *#texts(): AsyncGenerator<string> {
    const source = typeof this.#source === 'string' ? createReadStream(this.#source) : this.#source;
    const decoder = new TextDecoder();
    let rest = '';
    for await (const piece of source as AsyncIterable<string | Uint8Array>) {
      const lines = (typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })).split('\n');
      lines[0] = rest + (lines[0] as string);
      rest = lines.pop() as string;
      if (rest.length > longestLine) throw new ReplayError('a line of it has no end');
      yield* lines;
    }
    yield rest;
  }
}

function parse(text: string): (Record<string, unknown> & { type: string }) | undefined {
  try {
    const line = JSON.parse(text) as { type?: unknown } | null;
    return typeof line?.type === 'string' ? (line as ReturnType<typeof parse>) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it has what a line of its type needs; of types that are not known, its time. */
function isUsable({ type, at, connection, ...line }: Record<string, unknown>): boolean {
  if (typeof at !== 'number') return false;
  if (type === 'gap') return Array.isArray(line['connections']);
  if (type === 'opened') return typeof connection === 'number' && typeof line['path'] === 'string';
  return !['in', 'out', 'closed'].includes(type as MessageLine['type']) || typeof connection === 'number';
}
