import type {
  SentMessages,
  SessionChange,
  SessionRecord,
  SettledMessage,
  StoredSession,
} from '../session-store.js';

/** One session. Nothing in it is shared with who has written it, or with who reads it. */
export class MemorySession {
  owner: string;
  readonly #record: SessionRecord;
  #rooms: readonly string[] = [];
  /** By the number of the first message, in order. */
  #sent: readonly SentMessages[] = [];
  #last = 0;
  #forgotten = 0;
  /** Outcomes as JSON, by id, from the one that was settled first. */
  readonly #settled = new Map<string | number, string>();

  constructor(record: SessionRecord, owner: string) {
    this.#record = { ...record };
    this.owner = owner;
  }

  get tokenHash(): string {
    return this.#record.tokenHash;
  }

  change({ rooms, sent = [], last = 0, forget = 0, settled = [] }: SessionChange): void {
    // What cannot be written as JSON is refused before anything is changed.
    const outcomes = settled.map(({ id, outcome }) => [id, JSON.stringify(outcome)] as const);
    if (rooms !== undefined) this.#rooms = [...rooms];
    this.#last = sent.reduce((most, batch) => Math.max(most, endOf(batch)), Math.max(this.#last, last));
    this.#forgotten = Math.max(this.#forgotten, forget);
    this.#sent = [...this.#sent, ...sent.map(copyOf)].filter((batch) => endOf(batch) > this.#forgotten);
    for (const [id, outcome] of outcomes) this.#settle(id, outcome);
  }

  stored(): StoredSession {
    return {
      record: { ...this.#record },
      rooms: [...this.#rooms],
      sent: this.#sent.map(copyOf),
      last: this.#last,
      forgotten: this.#forgotten,
      settled: Array.from(this.#settled, ([id, outcome]) => ({
        id,
        outcome: JSON.parse(outcome) as SettledMessage['outcome'],
      })),
    };
  }

  #settle(id: string | number, outcome: string): void {
    this.#settled.set(id, outcome);
    if (this.#settled.size <= this.#record.remembers) return;
    const [oldest] = this.#settled.keys();
    this.#settled.delete(oldest!);
  }
}

/** The number of the last of messages that are kept together. */
function endOf({ first, count }: SentMessages): number {
  return first + count - 1;
}

function copyOf({ first, count, frames }: SentMessages): SentMessages {
  return { first, count, frames: new Uint8Array(frames) };
}
