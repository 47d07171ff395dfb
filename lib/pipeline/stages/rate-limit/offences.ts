import type { Connection } from '../../../connection/connection.js';
import type { CloseAfterOptions } from './rate-limit.options.js';

/** Refusals that nobody asked for are told at most this often. */
const noticeEveryMs = 1_000;

interface Record {
  since: number;
  refusals: number;
  toldAt: number;
}

/** What is remembered of connections that were refused: how often, and when they were last told. */
export class Offences {
  readonly #closeAfter: Required<CloseAfterOptions> | null;
  readonly #records = new WeakMap<Connection, Record>();

  constructor(closeAfter: Required<CloseAfterOptions> | null) {
    this.#closeAfter = closeAfter;
  }

  /** Notes a refusal. True: it was one too many. */
  note(connection: Connection, now: number): boolean {
    const record = this.#of(connection, now);
    if (this.#closeAfter === null) return false;
    if (now - record.since >= this.#closeAfter.perMs) {
      record.since = now;
      record.refusals = 0;
    }
    return ++record.refusals === this.#closeAfter.refusals;
  }

  /** Whether a refusal may be told to a peer that waits for no outcome; then it counts as told. */
  mayTell(connection: Connection, now: number): boolean {
    const record = this.#of(connection, now);
    if (now - record.toldAt < noticeEveryMs) return false;
    record.toldAt = now;
    return true;
  }

  #of(connection: Connection, now: number): Record {
    let record = this.#records.get(connection);
    if (record === undefined)
      this.#records.set(connection, (record = { since: now, refusals: 0, toldAt: -Infinity }));
    return record;
  }
}
