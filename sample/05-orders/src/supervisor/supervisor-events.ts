/** What the supervisor and the page say to each other. Types only: the page loads nothing from here. */

/**
 * Where a server dies: anywhere; while it starts; in the transaction, when all is written and nothing committed; after the commit, before
 * the reply; when an emit has left the outbox, and that is not noted.
 */
export type Moment = 'anywhere' | 'starting' | 'uncommitted' | 'unanswered' | 'unnoted';

/** The server, as the supervisor sees it. */
export interface ServerState {
  /** Where it listens, in each of its lives. */
  readonly port: number;
  /** How often it was started. */
  readonly life: number;
  readonly isUp: boolean;
  /** Whether it is killed again and again. */
  readonly isHunted: boolean;
  /** How often it was killed, and where. */
  readonly kills: Readonly<Record<Moment, number>>;
}
