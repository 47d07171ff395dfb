import { after, type Clock, type TimerHandle } from '../primitives/clock.js';
import type { ThrottledLog } from '../primitives/throttled-log.js';
import { ErrorCode } from '../protocol/error-code.js';
import { isGatewireError } from '../protocol/gatewire-error.js';
import type { StoredEmit, TransactionStore } from '../store/transaction-store.js';
import { decodeEmit, type OutboxEmit } from './outbox-emit.js';

/** What a relay works with. */
export interface OutboxRelaySettings {
  readonly store: TransactionStore;
  /** Hands an emit over. Rejects with `UNAVAILABLE` where it is to be tried again. */
  readonly send: (emit: OutboxEmit) => void | Promise<unknown>;
  /** The name of this process in leases. */
  readonly owner: string;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly batch: number;
  readonly clock: Clock;
  /** Milliseconds since 1970: leases are compared across processes. */
  readonly today: () => number;
  readonly log: ThrottledLog;
  readonly count: (name: string, by?: number) => void;
}

/** Longest time between two attempts while the database fails. */
const longestWaitMs = 30_000;

/** Sends what committed transactions have left in the outbox, in order, and removes it then. */
export class OutboxRelay {
  readonly #settings: OutboxRelaySettings;
  /** Sent, and perhaps still in the database: not sent twice by this process. */
  readonly #sent = new Set<string>();
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #timer: TimerHandle = undefined;
  #failures = 0;
  #isStarted = false;

  constructor(settings: OutboxRelaySettings) {
    this.#settings = settings;
  }

  /** Looks from now on, at once and every `pollMs`. */
  start(): void {
    this.#isStarted = true;
    this.kick();
  }

  /** Looks no more of itself. */
  stop(): void {
    this.#isStarted = false;
    this.#settings.clock.clearTimeout(this.#timer);
  }

  /** There may be something to send. While the database fails its time is waited for. */
  kick(): void {
    if (this.#isStarted && this.#failures === 0) this.#flushQuietly();
  }

  /** Resolves when everything that was committed before the call, and is this process's to send, has been handed over. Rejects when it could not be. */
  flush(): Promise<void> {
    // What runs already may have looked too early.
    this.#next ??= this.#current
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        this.#current = this.#work();
        return this.#current;
      });
    return this.#next;
  }

  #flushQuietly(): void {
    this.flush().catch(() => undefined);
  }

  async #work(): Promise<void> {
    const { clock, batch, pollMs, log, count } = this.#settings;
    clock.clearTimeout(this.#timer);
    let waitMs = pollMs;
    try {
      while ((await this.#round()) === batch);
      this.#failures = 0;
    } catch (error) {
      waitMs = Math.min(pollMs * 2 ** ++this.#failures, Math.max(pollMs, longestWaitMs));
      count('outbox.failed');
      log.error('OUTBOX', error);
      throw error;
    } finally {
      clock.clearTimeout(this.#timer);
      if (this.#isStarted) this.#timer = after(clock, waitMs, () => this.#flushQuietly());
    }
  }

  /** @returns how many there were */
  async #round(): Promise<number> {
    const { store, owner, batch, leaseMs, today } = this.#settings;
    const now = today();
    const leaseUntil = now + leaseMs;
    const emits = await store.claimEmits({ owner, now, leaseUntil, limit: batch });
    const done: string[] = [];
    let removal: Promise<void> | undefined;
    let isRemoving = false;
    try {
      for (const emit of emits) {
        // From then on it may be another's.
        if (today() >= leaseUntil) break;
        await this.#send(emit);
        done.push(emit.id);
        // What is removed while others are sent is not sent again should the process die now. After a failure the rest waits for the end.
        if (isRemoving) continue;
        isRemoving = true;
        removal = this.#remove(done);
        removal.then(
          () => (isRemoving = false),
          () => undefined,
        );
      }
    } finally {
      await removal;
      await this.#remove(done);
    }
    // What is not among them is not there any more.
    if (emits.length < batch) this.#sent.clear();
    return emits.length;
  }

  /** @param done emptied, of what comes meanwhile as well */
  async #remove(done: string[]): Promise<void> {
    while (done.length > 0) {
      const ids = done.splice(0);
      await this.#settings.store.removeEmits(ids);
      for (const id of ids) this.#sent.delete(id);
    }
  }

  async #send(stored: StoredEmit): Promise<void> {
    if (this.#sent.has(stored.id)) return;
    const { send, count, log } = this.#settings;
    try {
      await send(decodeEmit(stored));
      count('outbox.sent');
    } catch (error) {
      if (isGatewireError(error) && error.code === ErrorCode.Unavailable) throw error;
      // It would fail the next time as well, and hold up all that follows.
      count('outbox.unsendable');
      log.error('OUTBOX_UNSENDABLE', error);
    }
    this.#sent.add(stored.id);
  }
}
