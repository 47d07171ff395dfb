import { wholeNumber } from '../../primitives/option-checks.js';
import { randomId } from '../../primitives/random-id.js';
import type { LoggedMessage, LogPage, LogPosition, LogQuery, MessageLog, Retention } from '../message-log.js';
import { MemoryLog } from './memory-log.js';

/** Bounds of the logs in memory. */
export interface MemoryMessageLogOptions {
  /** Logs that are kept; for one more the one that was appended to longest ago is forgotten. @default 10_000 */
  readonly logs?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/**
 * Keeps logs in this process, and answers without a promise. What it promises holds until the process ends; then every
 * log has a new epoch. A body that was appended is not copied: who appends bytes leaves them as they are.
 */
export class MemoryMessageLog implements MessageLog {
  /** From the one that was appended to longest ago. */
  readonly #logs = new Map<string, MemoryLog>();
  readonly #capacity: number;
  readonly #now: () => number;
  #nextEpoch = randomId();
  #sweep = this.#logs.values();
  #sweepLeft = 0;
  #messages = 0;
  #bytes = 0;

  /** @throws {OptionError} */
  constructor({ logs = 10_000, now = Date.now }: MemoryMessageLogOptions = {}) {
    this.#capacity = wholeNumber('logs', logs);
    this.#now = now;
  }

  /** Logs that are kept. */
  get logs(): number {
    return this.#logs.size;
  }

  /** Messages that are kept, of all logs. */
  get messages(): number {
    return this.#messages;
  }

  /** Of their bodies and keys. */
  get bytes(): number {
    return this.#bytes;
  }

  append(log: string, message: LoggedMessage, retention: Retention): LogPosition {
    const now = this.#now();
    const found = this.#touch(log);
    const position = this.#counted(found, () => found.append(message, retention, now));
    this.#forgetAgedElsewhere(now);
    return position;
  }

  read(log: string, query: LogQuery): LogPage {
    const found = this.#logs.get(log);
    // It is made by its first message, so that reading makes nothing; that has the epoch which is told here.
    if (found === undefined) return { epoch: this.#nextEpoch, offset: 0, entries: [], isWhole: true };
    return this.#counted(found, () => found.read(query, this.#now()));
  }

  remove(log: string): void {
    const found = this.#logs.get(log);
    if (found === undefined) return;
    this.#logs.delete(log);
    this.#messages -= found.messages;
    this.#bytes -= found.bytes;
    // For all that begin from now on: which of them was there before need not be remembered.
    this.#nextEpoch = randomId();
  }

  close(): void {
    this.#logs.clear();
    this.#messages = this.#bytes = 0;
    this.#nextEpoch = randomId();
  }

  #touch(name: string): MemoryLog {
    const found = this.#logs.get(name) ?? new MemoryLog(this.#nextEpoch);
    if (!this.#logs.delete(name) && this.#logs.size >= this.#capacity) {
      const [longestUntouched] = this.#logs.keys();
      if (longestUntouched !== undefined) this.remove(longestUntouched);
    }
    this.#logs.set(name, found);
    return found;
  }

  /** One log per append, in turn: what is too old goes from those too that nobody appends to or reads. */
  #forgetAgedElsewhere(now: number): void {
    if (this.#sweepLeft-- === 0) {
      // Not when it has come to an end: it never does where a log is appended to, and so put last, all the time.
      this.#sweep = this.#logs.values();
      this.#sweepLeft = this.#logs.size;
    }
    const { value: log } = this.#sweep.next();
    if (log !== undefined) this.#counted(log, () => log.forgetAged(now));
  }

  #counted<Result>(log: MemoryLog, work: () => Result): Result {
    const { messages, bytes } = log;
    const result = work();
    this.#messages += log.messages - messages;
    this.#bytes += log.bytes - bytes;
    return result;
  }
}
