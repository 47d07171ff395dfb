import type { Connection } from '../connection/connection.js';
import type { FrameOutlet } from '../connection/nowhere.js';
import type { SessionJournal } from '../connection/session-journal.js';
import type { DedupRecord } from '../store/dedup-store.js';
import type { SentMessages, SessionChange, SessionRecord, SettledMessage } from '../store/session-store.js';
import { DurableOutlet } from './durable-outlet.js';
import type { SessionWrites } from './session-writes.js';

/** What is done only when a lot of it has gathered, or something else is written anyway. */
const lazyMessages = 256;

/** What durable sessions have in common. */
export interface DurableSessionSettings {
  readonly writes: SessionWrites;
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
  #begin: SessionRecord | null = null;
  #sent: SentMessages[] = [];
  #settled: SettledMessage[] = [];
  #last = 0;
  #isSkipped = false;
  #confirmed = 0;
  #forget = 0;
  #forgotten = 0;
  #areRoomsChanged = false;
  #isScheduled = false;
  /** It stands in line: resolves when all that gathers until its turn is written down. */
  #inLine: Promise<void> | null = null;
  #isOver = false;
  #failure: Error | null = null;
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
    this.#begin = record;
    this.#areRoomsChanged = true;
    return this.flush();
  }

  /** Another process has it, or will: what has gathered is the last that is written. */
  letGo(): void {
    const change = this.#take();
    this.#isOver = true;
    if (change !== undefined) void this.#inTurn(() => this.#write(change))?.then(undefined, () => undefined);
  }

  /** Writes what has gathered. Undefined: it is there. */
  flush(): PromiseLike<void> | undefined {
    if (this.#inLine !== null) return this.#inLine;
    return this.#isNothing ? undefined : this.#inTurn(() => this.#writeGathered());
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

  get #isNothing(): boolean {
    const isForgetting = this.#forget - this.#forgotten >= lazyMessages;
    const isEmpty =
      this.#begin === null &&
      this.#sent.length === 0 &&
      this.#settled.length === 0 &&
      !this.#areRoomsChanged &&
      !this.#isSkipped;
    return this.#isOver || (isEmpty && !isForgetting);
  }

  #inTurn(work: () => PromiseLike<void> | undefined): PromiseLike<void> | undefined {
    const { writes } = this.#settings;
    if (!writes.mustWait) return work();
    this.#inLine = new Promise((resolve) => {
      writes.wait(() => {
        this.#inLine = null;
        resolve(work());
      });
    });
    return this.#inLine;
  }

  /** At its turn: all there is by then. */
  #writeGathered(): PromiseLike<void> | undefined {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const change = this.#take();
    return change === undefined ? undefined : this.#write(change);
  }

  #take(): SessionChange | undefined {
    if (this.#isNothing) return undefined;
    const change = {
      ...(this.#begin !== null && { begin: this.#begin }),
      ...(this.#areRoomsChanged && { rooms: [...this.connection.rooms] }),
      ...(this.#sent.length > 0 && { sent: this.#sent }),
      ...((this.#sent.length > 0 || this.#isSkipped) && { last: this.#last }),
      ...(this.#forget > this.#forgotten && { forget: this.#forget }),
      ...(this.#settled.length > 0 && { settled: this.#settled }),
    };
    this.#begin = null;
    this.#sent = [];
    this.#settled = [];
    this.#areRoomsChanged = this.#isSkipped = false;
    this.#forgotten = this.#forget;
    return change;
  }

  #write(change: SessionChange): PromiseLike<void> | undefined {
    const last = this.#last;
    try {
      const pending = this.#settings.writes.write(this.#id, change);
      if (pending !== undefined)
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
      this.#failure = error as Error;
      // Before anybody closes the connection: a close waits for what is held.
      this.#outlet?.drop(this.#failure);
      this.#settings.failed(this, error);
    }
    throw error;
  }
}
