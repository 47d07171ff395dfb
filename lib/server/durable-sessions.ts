import type { Connection } from '../connection/connection.js';
import { hashToken, type Session } from '../connection/session.js';
import { DurableSession } from '../delivery/durable-session.js';
import { SessionWrites } from '../delivery/session-writes.js';
import type { StageHost } from '../pipeline/middleware.js';
import { after, type TimerHandle } from '../primitives/clock.js';
import { randomId } from '../primitives/random-id.js';
import { CloseCode } from '../protocol/close-code.js';
import type { SessionRecord, SessionStore, StoredSession } from '../store/session-store.js';
import { StoreError } from '../store/store-error.js';

/** Where sessions begin and go on: an endpoint. */
export interface SessionHome {
  /** The same in every process that serves it. */
  readonly name: string;
}

/** Makes the connection of a session that an earlier process, or another one, has had. */
export type RestoreSession = (stored: StoredSession) => void;

/** What durable sessions work with. */
export interface DurableSessionsSettings {
  readonly store: SessionStore;
  /** The name of this process; undefined: one that nobody else has. */
  readonly node: string | undefined;
  readonly host: StageHost;
  /** Whether a session is known already. */
  readonly isHere: (id: string) => boolean;
}

/** How long the store may say nothing of this process before others take its sessions. */
const leaseMs = 15_000;
const renewEveryMs = leaseMs / 3;
/** Until what has failed is tried again. */
const retryMs = 1_000;

/** The sessions of one application that outlive its process. */
export class DurableSessions {
  readonly #settings: DurableSessionsSettings;
  readonly #owner: string;
  readonly #writes: SessionWrites;
  readonly #homes = new Map<string, RestoreSession>();
  /** Those whose home is not there (yet). */
  readonly #homeless = new Map<string, StoredSession[]>();
  readonly #durable = new WeakMap<Session, DurableSession>();
  /** Sessions that are over, of which the store does not know it. */
  readonly #toEnd = new Set<string>();
  #adopted: Promise<void> | null = null;
  #tried!: () => void;
  readonly #firstTry = new Promise<void>((resolve) => (this.#tried = resolve));
  /** Why sessions of earlier processes are not here. */
  #failure: Error | null = null;
  #timer: TimerHandle = undefined;
  #isOver = false;

  constructor(settings: DurableSessionsSettings) {
    this.#settings = settings;
    this.#owner = `${settings.node ?? 'node'}/${randomId()}`;
    this.#writes = new SessionWrites(settings.store, this.#owner);
  }

  /** Sessions of this home are looked for; all homes that are added in the same turn are there when the first is found. */
  add({ name }: SessionHome, restore: RestoreSession): void {
    this.#homes.set(name, restore);
    for (const stored of this.#homeless.get(name) ?? []) restore(stored);
    this.#homeless.delete(name);
    this.#adopted ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#adopt());
  }

  /** A session has begun. Undefined: it is written down; else resolves when it is, or rejects. */
  begin(connection: Connection, session: Session, about: Omit<SessionRecord, 'id' | 'tokenHash' | 'url'>) {
    const record = { ...about, id: session.id, tokenHash: session.tokenHash, url: connection.handshake.url };
    return this.#durableOf(connection, session, record).begin(record);
  }

  /** A session is here again. @param last number of its last message */
  restored(connection: Connection, session: Session, record: SessionRecord, last: number): void {
    this.#durableOf(connection, session, record, last);
  }

  /** Resolves when sessions of earlier processes are here, or could not be had. Never, where nothing has been added. */
  ready(): Promise<void> {
    return this.#firstTry;
  }

  /** Looks for a session of an earlier process, or another one: it is here afterwards, if there is one. Rejects where the store fails. */
  async lookFor(id: string, token: string): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    await this.#adopted;
    if (this.#settings.isHere(id) || this.#toEnd.has(id)) return;
    const stored = await this.#settings.store.claim(id, hashToken(token), this.#owner);
    if (stored !== undefined && !this.#settings.isHere(id)) this.#restore(stored);
  }

  /** What writes a session down. */
  of(session: Session): DurableSession | undefined {
    return this.#durable.get(session);
  }

  /** A session that cannot go on: nothing here makes messages as it has them. */
  forget(id: string): void {
    this.#toEnd.add(id);
    void this.#end(id);
  }

  /** @param isKept the process ends, and not the session */
  ended(session: Session, isKept: boolean): void {
    const durable = this.#durable.get(session);
    this.#durable.delete(session);
    durable?.letGo();
    if (!isKept && durable !== undefined) this.forget(session.id);
  }

  /** What has been begun is left to the store, which finishes it. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#settings.host.clock.clearTimeout(this.#timer);
    if (this.#failure === null) await this.#adopted;
    await this.#writes.handed();
    await this.#settings.store.close?.();
  }

  #durableOf(connection: Connection, session: Session, record: SessionRecord, last = 0): DurableSession {
    const settings = {
      writes: this.#writes,
      failed: (failed: DurableSession, error: unknown) => this.#failed(failed, session, error),
    };
    const durable = new DurableSession(connection, record, settings, last);
    this.#durable.set(session, durable);
    session.writeDown(durable);
    return durable;
  }

  async #adopt(): Promise<void> {
    const { store, host } = this.#settings;
    try {
      await store.renew?.(this.#owner, leaseMs);
      for (const stored of await store.adopt(this.#owner)) this.#restore(stored);
      this.#failure = null;
      this.#tried();
    } catch (error) {
      this.#failure = error as Error;
      this.#tried();
      host.count('session.store-failed');
      host.log.error('SESSION_STORE', error);
      if (this.#isOver) return;
      await new Promise<void>((resolve) => void after(host.clock, retryMs, resolve));
      return this.#adopt();
    }
    this.#renewLater();
  }

  /** Where others share the store: we live, and those who do not leave their sessions to us. */
  #renewLater(): void {
    const { store, host } = this.#settings;
    if (store.renew === undefined || this.#isOver) return;
    this.#timer = after(host.clock, renewEveryMs, () => void this.#adopt());
  }

  #restore(stored: StoredSession): void {
    const { endpoint } = stored.record;
    const restore = this.#homes.get(endpoint);
    if (restore !== undefined) return restore(stored);
    const others = this.#homeless.get(endpoint) ?? [];
    others.push(stored);
    this.#homeless.set(endpoint, others);
  }

  #failed({ connection }: DurableSession, session: Session, error: unknown): void {
    const { host } = this.#settings;
    this.#durable.delete(session);
    if (error instanceof StoreError && error.fault === 'moved') {
      host.count('session.moved');
      return connection.dismiss(CloseCode.Conflict, 'resumed elsewhere');
    }
    host.count('session.store-failed');
    host.log.error('SESSION_STORE', error);
    // Nothing of it can be promised any more: its client gets a new one, and is told.
    this.#toEnd.add(session.id);
    connection.dismiss(CloseCode.TryAgainLater, 'the store of sessions has failed');
    this.#endLater();
  }

  #endSome(): void {
    for (const id of this.#toEnd) void this.#end(id);
  }

  async #end(id: string): Promise<void> {
    const { host } = this.#settings;
    try {
      if (this.#writes.mustWait) await new Promise<void>((resolve) => this.#writes.wait(resolve));
      await this.#writes.write(id, { end: true });
      this.#toEnd.delete(id);
    } catch (error) {
      const isGone = error instanceof StoreError && (error.fault === 'moved' || error.fault === 'closed');
      if (isGone) return void this.#toEnd.delete(id);
      host.log.error('SESSION_STORE', error);
      this.#endLater();
    }
  }

  #endLater(): void {
    if (!this.#isOver) after(this.#settings.host.clock, retryMs, () => this.#endSome());
  }
}
