import type { Connection } from '../connection/connection.js';
import type { FrameOutlet } from '../connection/nowhere.js';
import type { SessionJournal } from '../connection/session-journal.js';
import { isPromise } from '../primitives/is-promise.js';
import type { DedupRecord } from '../store/dedup-store.js';
import type {
  SentMessages,
  SessionChange,
  SessionRecord,
  SessionStore,
  SettledMessage,
} from '../store/session-store.js';
import { DurableOutlet } from './durable-outlet.js';

/** What is done only when a lot of it has gathered, or something else is written anyway. */
const lazyMessages = 256;

/** What durable sessions have in common. */
export interface DurableSessionSettings {
  readonly store: SessionStore;
  readonly owner: string;
  /** The store has failed: what is promised cannot be kept any more. */
  readonly failed: (session: DurableSession, error: unknown) => void;
}

/**
 * Writes down one session: all that changes within a tick as one change. Messages go out when they are written down, so that no
 * number is given that a restarted server does not know.
 */
export class DurableSession implements SessionJournal {
  readonly connection: Connection;
  readonly #id: string;
  /** False: its messages cannot be sent again by anybody, and so are not kept. */
  readonly #keepsMessages: boolean;
  readonly #settings: DurableSessionSettings;
  #sent: SentMessages[] = [];
  #settled: SettledMessage[] = [];
  #last = 0;
  #isSkipped = false;
  #confirmed = 0;
  #forget = 0;
  #forgotten = 0;
  #areRoomsChanged = false;
  #isScheduled = false;
  #isOver = false;
  #outlet: DurableOutlet | null = null;

  /** @param last number of its last message */
  constructor(
    connection: Connection,
    { id, encoding }: Pick<SessionRecord, 'id' | 'encoding'>,
    settings: DurableSessionSettings,
    last = 0,
  ) {
    this.connection = connection;
    this.#id = id;
    this.#keepsMessages = !encoding.startsWith('!');
    this.#settings = settings;
    this.#last = this.#confirmed = last;
  }

  get last(): number {
    return this.#last;
  }

  /** Number of the last message that is written down. */
  get confirmed(): number {
    return this.#confirmed;
  }

  sent(frames: Uint8Array, count: number, last: number): void {
    if (!this.#keepsMessages) return;
    this.#sent.push({ first: last - count + 1, count, frames });
    this.#last = last;
    this.#schedule();
  }

  forget(number: number): void {
    this.#forget = number;
    if (this.#keepsMessages && number - this.#forgotten >= lazyMessages) this.#schedule();
  }

  skip(number: number): void {
    this.#sent = [];
    this.#last = this.#forget = number;
    this.#isSkipped = true;
    this.#schedule();
  }

  roomsChanged(): void {
    this.#areRoomsChanged = true;
    this.#schedule();
  }

  outlet(socket: FrameOutlet): FrameOutlet {
    if (!this.#keepsMessages) return socket;
    return (this.#outlet = new DurableOutlet(socket, this));
  }

  settle(id: string | number, outcome: DedupRecord): void {
    this.#settled.push({ id, outcome });
    this.#schedule();
  }

  enter(id: string | number, event: string): PromiseLike<void> | undefined {
    this.#settled.push({ id, outcome: { event, kind: 'running' } });
    return this.flush();
  }

  /** It begins: written down before its client hears of it. */
  begin(record: SessionRecord): PromiseLike<void> | undefined {
    this.#areRoomsChanged = false;
    return this.#write({ begin: record, rooms: [...this.connection.rooms] }, this.#last);
  }

  /** Another process has it, or will: what has gathered is the last that is written. */
  letGo(): void {
    void this.flush()?.then(undefined, () => undefined);
    this.#isOver = true;
  }

  /** Writes what has gathered. Undefined: it is there. */
  flush(): PromiseLike<void> | undefined {
    const change = this.#take();
    return change === undefined ? undefined : this.#write(change, this.#last);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isOver) return;
    this.#isScheduled = true;
    // After the microtasks of this turn: a reply and what is remembered of it are one change.
    process.nextTick(this.#flushLater);
  }

  readonly #flushLater = (): void => {
    this.#isScheduled = false;
    void this.flush()?.then(undefined, () => undefined);
  };

  #take(): SessionChange | undefined {
    const isForgetting = this.#forget > this.#forgotten;
    const isLazy = this.#forget - this.#forgotten < lazyMessages;
    const isEmpty =
      this.#sent.length === 0 && this.#settled.length === 0 && !this.#areRoomsChanged && !this.#isSkipped;
    if (this.#isOver || (isEmpty && (!isForgetting || isLazy))) return undefined;
    const change = {
      ...(this.#areRoomsChanged && { rooms: [...this.connection.rooms] }),
      ...(this.#sent.length > 0 && { sent: this.#sent }),
      ...((this.#sent.length > 0 || this.#isSkipped) && { last: this.#last }),
      ...(isForgetting && { forget: this.#forget }),
      ...(this.#settled.length > 0 && { settled: this.#settled }),
    };
    this.#sent = [];
    this.#settled = [];
    this.#areRoomsChanged = this.#isSkipped = false;
    this.#forgotten = this.#forget;
    return change;
  }

  #write(change: SessionChange, last: number): PromiseLike<void> | undefined {
    const { store, owner } = this.#settings;
    try {
      const pending = store.write(this.#id, owner, change);
      if (isPromise(pending))
        return pending.then(
          () => this.#written(last),
          (error: unknown) => this.#failed(error),
        );
      this.#written(last);
      return undefined;
    } catch (error) {
      return Promise.resolve().then(() => this.#failed(error));
    }
  }

  #written(last: number): void {
    this.#confirmed = Math.max(this.#confirmed, last);
    this.#outlet?.release();
  }

  #failed(error: unknown): never {
    if (!this.#isOver) {
      this.#isOver = true;
      // Before anybody closes the connection: a close waits for what is held.
      this.#outlet?.drop(error as Error);
      this.#settings.failed(this, error);
    }
    throw error;
  }
}
