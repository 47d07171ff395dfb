import type { Envelope } from '../protocol/envelope.js';
import type { Outgoing } from './outgoing.js';
import type { Payload } from './wire.js';
import type { SessionTicket } from './session.js';
import type { ClientStorage, StoredEntries } from './storage.js';

/** One emit as it is stored. */
interface StoredMessage {
  readonly envelope: Envelope & { id: string | number };
  readonly payload: Payload;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

/** One emit that an earlier life of the client has left. */
export interface KeptMessage extends Omit<StoredMessage, 'at'> {
  readonly ageMs: number;
}

/** What an earlier life of the client has left. */
export interface Kept {
  readonly ticket: SessionTicket | null;
  readonly messages: readonly KeptMessage[];
}

const sessionKey = 'session';
/** Keys of messages begin with it. */
export const outboxPrefix = 'out/';

/** Makes the memory of one client. */
export type KeeperFactory = (failed: (error: unknown) => void) => Keeper;

/** Has a client keep its outbox and its session in a storage: `createClient({ storage: persist(indexedDb()) })`. */
export function persist(storage: ClientStorage): KeeperFactory {
  return (failed) => new Keeper(storage, failed);
}

/** Keeps the session and the emits that are not settled in a storage; what changes in one turn is saved together. */
export class Keeper {
  readonly #storage: ClientStorage;
  readonly #failed: (error: unknown) => void;
  readonly #keys = new Map<string | number, string>();
  #changes: Map<string, unknown> | null = null;
  #saved: Promise<unknown> = Promise.resolve();
  #count = 0;
  /** Not before what earlier lives have left, whatever the clock says. */
  #earliest = 0;
  /** What was kept before it was known what they have left: it comes after that. */
  #early: Map<string | number, StoredMessage> | null = new Map();
  #isSealed = false;

  constructor(storage: ClientStorage, failed: (error: unknown) => void) {
    this.#storage = storage;
    this.#failed = failed;
  }

  /**
   * Messages of this life come after those of the ones before: their keys begin with the time. They end with the id: two lives, or two
   * tabs, may begin in the same millisecond.
   */
  readonly kept = (message: Outgoing, isSettled: boolean): void => {
    const { id, envelope, payload } = message;
    if (isSettled) {
      const key = this.#keys.get(id);
      this.#keys.delete(id);
      this.#early?.delete(id);
      if (key !== undefined) this.#change(key, undefined);
      return;
    }
    const stored = {
      envelope: envelope as StoredMessage['envelope'],
      payload: payload as Payload,
      at: Date.now(),
    };
    this.#early?.set(id, stored);
    this.#keep(id, stored);
  };

  #keep(id: string | number, stored: StoredMessage): void {
    const at = String(Math.max(stored.at, this.#earliest)).padStart(15, '0');
    const key = `${outboxPrefix}${at}.${String(++this.#count).padStart(9, '0')}.${id}`;
    this.#keys.set(id, key);
    this.#change(key, stored);
  }

  session(ticket: SessionTicket | null): void {
    this.#change(sessionKey, ticket ?? undefined);
  }

  /** @param adopted told of what comes later: from a tab that is gone */
  async load(adopted: (messages: readonly KeptMessage[]) => void): Promise<Kept> {
    this.#storage.watch?.(outboxPrefix, (entries) => adopted(this.#taken(entries)));
    return this.#read();
  }

  /** What is settled from now on is settled by the end of this life only: the next one sends it. */
  seal(): void {
    this.#isSealed = true;
  }

  async close(): Promise<void> {
    await this.#saved;
    await this.#storage.close().catch(this.#failed);
  }

  async #read(): Promise<Kept> {
    const [session] = await this.#storage.load(sessionKey);
    const messages = await this.#storage.load(outboxPrefix);
    this.#follow(messages);
    return {
      ticket: (session?.[1] as SessionTicket | undefined) ?? null,
      messages: this.#taken(messages),
    };
  }

  /** What this life keeps comes after what is there. */
  #follow(entries: StoredEntries): void {
    const own = new Set(this.#keys.values());
    const last = entries.filter(([key]) => !own.has(key)).at(-1)?.[0] ?? '';
    this.#earliest = last === '' ? 0 : Number(last.slice(outboxPrefix.length).split('.', 1)[0]) + 1;
    for (const [id, stored] of this.#early ?? []) {
      const key = this.#keys.get(id);
      if (key === undefined || key > last) continue;
      this.#change(key, undefined);
      this.#keep(id, stored);
    }
    this.#early = null;
  }

  /** Messages that are not known yet; from now on they are. */
  #taken(entries: StoredEntries): KeptMessage[] {
    const now = Date.now();
    return entries.flatMap(([key, value]) => {
      const { envelope, payload, at } = value as StoredMessage;
      if (this.#keys.has(envelope.id)) return [];
      this.#keys.set(envelope.id, key);
      return [{ envelope, payload, ageMs: Math.max(0, now - at) }];
    });
  }

  #change(key: string, value: unknown): void {
    if (this.#isSealed) return;
    if (this.#changes === null) {
      this.#changes = new Map();
      const saving = Promise.resolve().then(() => this.#save());
      // Storages keep the order, and make durable together what comes while they are busy.
      this.#saved = Promise.all([this.#saved, saving.catch(this.#failed)]);
    }
    this.#changes.set(key, value);
  }

  #save(): Promise<void> {
    const changes = this.#changes as Map<string, unknown>;
    this.#changes = null;
    return this.#storage.save(changes);
  }
}
