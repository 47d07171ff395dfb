import type { DedupRecord } from './dedup-store.js';

/** What a session is, from its beginning to its end. */
export interface SessionRecord {
  readonly id: string;
  /** SHA-256 of the token that resumes it, as base64url: who reads the store cannot resume anything. */
  readonly tokenHash: string;
  /** The place it began at: it goes on nowhere else. */
  readonly endpoint: string;
  readonly principalId?: string | undefined;
  /** How its messages were made into frames: they can only go on to a connection that is made the same way. */
  readonly encoding: string;
  /** Request target of the connection it began with, without what is secret in it. */
  readonly url: string;
  /** How many of its settled messages are remembered, the latest. */
  readonly remembers: number;
}

/** Messages that were sent in a session, back to back as they were written: whole frames of RFC 6455. */
export interface SentMessages {
  /** Number of the first of them. */
  readonly first: number;
  readonly count: number;
  readonly frames: Uint8Array;
}

/** A message of the client, and what became of it. */
export interface SettledMessage {
  readonly id: string | number;
  /** Kind `running`: it has reached its handler. Replaces what was known of the id. */
  readonly outcome: DedupRecord;
}

/** What has changed of a session; all of it at once, or nothing. */
export interface SessionChange {
  /** It begins: nothing was there before. */
  readonly begin?: SessionRecord;
  /** The rooms it is in from now on, all of them. */
  readonly rooms?: readonly string[];
  /** What was sent, in order. */
  readonly sent?: readonly SentMessages[];
  /** Number of the last message, kept or not. */
  readonly last?: number;
  /** Messages up to this number are not needed any more. Those that are kept together may go together. */
  readonly forget?: number;
  readonly settled?: readonly SettledMessage[];
  /** It is over: nothing of it is kept. */
  readonly end?: true;
}

/** A session as it was kept. */
export interface StoredSession {
  readonly record: SessionRecord;
  readonly rooms: readonly string[];
  /** In order; may begin with messages that need not be kept. */
  readonly sent: readonly SentMessages[];
  readonly last: number;
  /** Messages up to this number were not to be kept. */
  readonly forgotten: number;
  /** From the oldest to the latest, by when each was settled first. */
  readonly settled: readonly SettledMessage[];
}

/**
 * Where sessions outlive the process. A session has one owner at a time: the process that has its connection. Owners are
 * called `<node>/<life>`: a process that is started again is the same node, and another owner ({@link nodeOf}).
 *
 * MUST apply changes of a session in the order of the calls, also where they are not awaited, each as a whole. A change
 * that was confirmed MUST hold as long as the driver promises (its documentation says against what). MUST refuse changes of
 * who is not the owner: a `StoreError` with the fault `moved`, for a session that is not known as well. MUST keep at least
 * the latest `remembers` settled messages, and MUST bound them. What it throws, or rejects with, is a failure of the store:
 * the change may or may not be there.
 */
export interface SessionStore {
  /**
   * Makes `owner` the owner of every session that has no living owner, and of those that other lives of its node have. Resolves
   * with these, and with none that it has had already: it is called again and again where {@link renew} is.
   */
  adopt(owner: string): readonly StoredSession[] | PromiseLike<readonly StoredSession[]>;
  /** Makes `owner` the owner of one session, whoever has it. Undefined: there is none with this id and this token. */
  claim(
    id: string,
    tokenHash: string,
    owner: string,
  ): StoredSession | undefined | PromiseLike<StoredSession | undefined>;
  /** Changes a session of `owner`; `begin` makes it one. */
  write(id: string, owner: string, change: SessionChange): void | PromiseLike<void>;
  /** Where several processes share a store: `owner` lives for so long from now on. Without it every other owner is dead. */
  renew?(owner: string, ttlMs: number): void | PromiseLike<void>;
  /**
   * Whether as much waits for it as it likes to have: changes that need not be asked for yet are held back until some of these are
   * confirmed, long before one is refused.
   */
  readonly isBusy?: boolean;
  /** Finishes what was begun, and lets go of everything. */
  close?(): void | PromiseLike<void>;
}

/** The name of the node in the name of an owner; all of it where there is no life in it. */
export function nodeOf(owner: string): string {
  const at = owner.lastIndexOf('/');
  return at === -1 ? owner : owner.slice(0, at);
}
