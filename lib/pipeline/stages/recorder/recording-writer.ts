import { createWriteStream, statSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { after } from '../../../primitives/clock.js';
import type { StageHost } from '../../middleware.js';
import type { RecordingTarget } from './recorder.options.js';

/** How a recording may lag behind. */
export interface WriterLimits {
  readonly bufferBytes: number;
  readonly flushMs: number;
}

/** Lines that were lost, until the gap is written. */
interface Gap {
  lines: number;
  readonly connections: Set<number>;
}

/**
 * Writes lines to a stream that may be slow, fail, or both. Whatever it does, messages go on: what does not fit into the buffer is
 * lost, counted, and told in a gap line as soon as there is room; a stream that has failed gets nothing any more.
 */
export class RecordingWriter {
  readonly #stream: Writable;
  readonly #limits: WriterLimits;
  readonly #host: StageHost;
  readonly #gapLine: (gap: { lines: number; connections: number[] }) => string;
  /** Of this turn: they are written together. */
  #lines: string[] = [];
  #bytes = 0;
  #gap: Gap | null = null;
  #isOver = false;
  /** Resolves when the stream has taken everything, or has failed. */
  readonly #settled: Promise<void>;

  /** @param gapLine the line that says what is missing */
  constructor(
    target: RecordingTarget,
    limits: WriterLimits,
    host: StageHost,
    gapLine: (gap: { lines: number; connections: number[] }) => string,
  ) {
    this.#limits = limits;
    this.#host = host;
    this.#gapLine = gapLine;
    const isFile = typeof target === 'string';
    this.#stream = isFile ? createWriteStream(target, { flags: 'a' }) : target;
    this.#settled = new Promise((resolve) => {
      this.#stream.on('error', (error: Error) => {
        this.#fail(error);
        resolve();
      });
      this.#stream.on('finish', resolve);
      this.#stream.on('close', () => {
        if (!this.#isOver) this.#fail(new Error('its stream was closed'));
        resolve();
      });
    });
    // What a process that died has written last may have no end.
    if (isFile && (statSync(target, { throwIfNoEntry: false })?.size ?? 0) > 0) this.#put('');
  }

  /** Nothing is written any more: the stream has failed, or was closed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** @param connection whose it is; 0: nobody's. Such a line is never lost for want of room. */
  write(line: string, connection: number): void {
    if (this.#isOver) return this.#host.count('recorder.lost');
    if (connection !== 0 && !this.#hasRoom(line.length)) return this.#lose(connection);
    this.#tellGap();
    this.#put(line);
  }

  /** Writes what is left and ends the stream. Resolves when it has taken that, has failed, or the time for it is over. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#tellGap();
    this.#flush();
    this.#isOver = true;
    if (isStandard(this.#stream)) return;
    this.#stream.end();
    const { clock, log } = this.#host;
    let timer: unknown;
    const late = new Promise<boolean>((resolve) => {
      timer = after(clock, this.#limits.flushMs, () => resolve(true));
    });
    const isLate = await Promise.race([this.#settled.then(() => false), late]);
    clock.clearTimeout(timer);
    if (!isLate) return;
    this.#stream.destroy();
    log.warn(
      'recorder.flush',
      () => `the end of the recording was not written within ${this.#limits.flushMs} ms: it is cut off`,
    );
  }

  #hasRoom(bytes: number): boolean {
    return this.#bytes + this.#stream.writableLength + bytes <= this.#limits.bufferBytes;
  }

  #put(line: string): void {
    this.#bytes += line.length;
    if (this.#lines.push(line) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#lines.length === 0 || this.#isOver) return;
    const chunk = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    this.#bytes = 0;
    this.#stream.write(chunk);
  }

  #lose(connection: number): void {
    this.#gap ??= { lines: 0, connections: new Set() };
    this.#gap.lines++;
    this.#gap.connections.add(connection);
    this.#host.count('recorder.lost');
    this.#host.log.warn('recorder.lost', () => {
      return `the recording is ${this.#limits.bufferBytes} bytes behind: lines are lost until it has caught up`;
    });
  }

  #tellGap(): void {
    if (this.#gap === null) return;
    const { lines, connections } = this.#gap;
    this.#gap = null;
    this.#put(this.#gapLine({ lines, connections: [...connections] }));
  }

  #fail(error: Error): void {
    if (this.#lines.length > 0) this.#host.count('recorder.lost', this.#lines.length);
    this.#isOver = true;
    this.#lines = [];
    this.#host.count('recorder.failed');
    this.#host.log.error(
      'recorder.failed',
      new Error('the recording has stopped: nothing more is written to it', { cause: error }),
    );
  }
}

/** Not ours to end. */
function isStandard(stream: Writable): boolean {
  return stream === process.stdout || stream === process.stderr;
}
