import type { LoggedMessage, LogPosition, Retention } from '../message-log.js';
import { isSameRetention } from '../same-retention.js';

/** A message on its way, with its size in bytes. */
export interface SizedMessage extends LoggedMessage {
  readonly size: number;
}

/** Messages that are appended as one step. */
export interface Batch {
  readonly retention: Retention;
  readonly messages: SizedMessage[];
}

/** So that a step of Redis, which does nothing else meanwhile, stays short. */
const batchMessages = 500;
const batchBytes = 1_048_576;

interface OpenBatch extends Batch {
  bytes: number;
  /** Of its last message. */
  readonly appended: Promise<LogPosition>;
}

/** What is asked of one log, in order: one batch at a time, with all that has come while the last one was on its way. */
export class LogLane {
  readonly #send: (batch: Batch) => Promise<LogPosition>;
  readonly #idle: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #open: OpenBatch | undefined;
  #pending = 0;

  /** @param idle called when nothing is left to do */
  constructor(send: (batch: Batch) => Promise<LogPosition>, idle: () => void) {
    this.#send = send;
    this.#idle = idle;
  }

  async append(message: SizedMessage, retention: Retention): Promise<LogPosition> {
    const batch = this.#batchFor(message, retention);
    const place = batch.messages.push(message);
    batch.bytes += message.size;
    const { epoch, offset } = await batch.appended;
    return { epoch, offset: offset - batch.messages.length + place };
  }

  /** Once everything that was appended before is, or has failed; appends do not wait for it. */
  after<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#counted(this.#last.then(work));
  }

  /** The same, and what is asked for later waits. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#open = undefined;
    const done = this.after(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #batchFor(message: SizedMessage, retention: Retention): OpenBatch {
    const open = this.#open;
    const isRoom =
      open !== undefined &&
      open.messages.length < batchMessages &&
      open.bytes + message.size <= batchBytes &&
      isSameRetention(open.retention, retention);
    if (isRoom) return open;
    const { count, bytes, ageMs, latestPerKey } = retention;
    const batch = { retention: { count, bytes, ageMs, latestPerKey }, messages: [], bytes: 0 };
    const appended = this.inTurn(() => {
      if (this.#open === opened) this.#open = undefined;
      return this.#send(batch);
    });
    const opened: OpenBatch = Object.assign(batch, { appended });
    this.#open = opened;
    return opened;
  }

  #counted<Result>(work: Promise<Result>): Promise<Result> {
    this.#pending++;
    const done = (): void => {
      if (--this.#pending === 0) this.#idle();
    };
    work.then(done, done);
    return work;
  }
}
