import type { SentMessages, StoredSession } from '../session-store.js';
import type { Failed } from './store-failure.js';

/** A settled message as it is kept: nobody looks into it in between. */
export interface PackedSettled {
  /** Its id, see `message-name.ts`. */
  readonly name: Uint8Array;
  /** As JSON. */
  readonly outcome: Uint8Array;
}

/** Several of them, back to back. */
export interface PackedOutcomes {
  readonly count: number;
  /** As `packed-changes.ts` writes them. */
  readonly block: Uint8Array;
}

/** A change as it is kept. */
export interface PackedChange {
  /** The record, as JSON. */
  readonly begin: Uint8Array | undefined;
  /** As JSON. */
  readonly rooms: Uint8Array | undefined;
  readonly sent: readonly SentMessages[];
  readonly last: number;
  readonly forget: number;
  readonly settled: PackedOutcomes;
  readonly isEnd: boolean;
}

/** What the thread is asked for, in the order of the calls. Names of sessions and owners are as JSON. */
export type SessionAsk =
  | { readonly kind: 'write'; readonly name: string; readonly owner: string; readonly change: PackedChange }
  | { readonly kind: 'claim'; readonly name: string; readonly tokenHash: string; readonly owner: string }
  /** As many sessions as fit into an answer. */
  | { readonly kind: 'adopt'; readonly owner: string }
  /** Whether it is there. */
  | { readonly kind: 'read' };

/** Undefined: done. */
export type SessionAnswer = PackedSessions | Failed | undefined;

export interface PackedSessions {
  readonly sessions: Uint8Array;
  /** Whether there are no more. */
  readonly isAll: boolean;
}

/** A session as it is kept; `record` and `rooms` as JSON. */
export interface KeptSession {
  readonly record: Uint8Array;
  readonly rooms: Uint8Array;
  readonly sent: readonly SentMessages[];
  readonly last: number;
  readonly forgotten: number;
  readonly settled: readonly PackedSettled[];
}

export interface FoundSessions {
  readonly sessions: readonly StoredSession[];
  readonly isAll: boolean;
}
