import { randomId } from '../../primitives/random-id.js';
import type { SessionChange, SessionStore, StoredSession } from '../session-store.js';
import { RedisConnection } from './redis-connection.js';
import {
  type RedisSessionStoreOptions,
  resolveRedisSessionStoreOptions,
} from './redis-session-store.options.js';
import { askToClaim, askToWrite } from './session-asks.js';
import { SessionBatches } from './session-batches.js';
import { nameOf } from './session-keys.js';

/**
 * Keeps sessions in Redis, where all processes share them: a client may come back to any of them. A change resolves when Redis
 * has answered; all that came while it did are the next step.
 *
 * A confirmed change is as safe as Redis keeps it: with `appendfsync everysec` the last second of it is gone when its machine
 * stops, and what a replica does not have yet is gone when that takes over. As long as the process lives it notices, the
 * sessions concerned are dropped, and `onLoss` is called.
 *
 * @example
 * const store = new RedisSessionStore({ client: new Redis() });
 * GatewireModule.forRoot({ session: { store } }); // the module closes the store; the client is yours
 */
export class RedisSessionStore implements SessionStore {
  readonly #batches: SessionBatches;
  /** Handed to an owner that was not told of them, as what came after them failed. */
  readonly #unreturned = new Map<string, StoredSession[]>();

  /** @throws {OptionError} */
  constructor(options: RedisSessionStoreOptions) {
    const settings = resolveRedisSessionStoreOptions(options);
    this.#batches = new SessionBatches(new RedisConnection(options), settings, randomId());
  }

  /** Calls that wait for Redis. */
  get queued(): number {
    return this.#batches.waiting;
  }

  /** Of what they carry. */
  get queuedBytes(): number {
    return this.#batches.waitingBytes;
  }

  /** Half of what may wait does: who comes back is to find room. */
  get isBusy(): boolean {
    return this.#batches.isBusy;
  }

  /** @throws {StoreError} what was adopted by then comes with the next call */
  async adopt(owner: string): Promise<StoredSession[]> {
    const adopted = this.#unreturned.get(owner) ?? [];
    this.#unreturned.delete(owner);
    try {
      for (;;) {
        const { sessions, isAll } = await this.#batches.adopt(nameOf(owner));
        for (const session of sessions) adopted.push(session);
        if (isAll) return adopted;
      }
    } catch (error) {
      if (adopted.length > 0) this.#unreturned.set(owner, adopted);
      throw error;
    }
  }

  /** @throws {StoreError} */
  claim(id: string, tokenHash: string, owner: string): Promise<StoredSession | undefined> {
    return this.#batches.ask(askToClaim(id, tokenHash, owner));
  }

  /** @throws {StoreError}, {TypeError} an outcome cannot be written as JSON */
  async write(id: string, owner: string, change: SessionChange): Promise<void> {
    await this.#batches.ask(askToWrite(id, owner, change));
  }

  /** @throws {StoreError} */
  renew(owner: string, ttlMs: number): Promise<void> {
    return this.#batches.renew(nameOf(owner), ttlMs);
  }

  /** Finishes what was asked for. Others need not wait until its owners' time is over. */
  close(): Promise<void> {
    return this.#batches.close();
  }
}
