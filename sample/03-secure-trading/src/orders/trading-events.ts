/** What the server and the page say to each other. Types only: the page loads nothing from here. */

/** Answer to `POST /login`. */
export interface Login {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** What orders are signed with (HS256), base64url, and the name of that key. */
  readonly secret: string;
  readonly kid: string;
}

export interface Order {
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: number;
}

/** Answer to `order.create`. */
export interface Execution extends Order {
  readonly orderId: number;
  readonly price: number;
}

export interface Quote {
  readonly symbol: string;
  readonly price: number;
  /** Against the price before. */
  readonly change: number;
}

/** What became of one of the user's messages. */
export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: string;
  /** `accepted`, or the code of the error. */
  readonly outcome: string;
  readonly durationMs?: number;
}

/** Events the server sends, with their data. */
export interface ServerEvents {
  prices: readonly Quote[];
  /** At the beginning of a connection: what there is already. */
  history: readonly AuditEntry[];
  audit: AuditEntry;
}
