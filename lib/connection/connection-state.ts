/** Where a connection is in its life. */
export type ConnectionState = 'connecting' | 'opening' | 'open' | 'away' | 'closing' | 'closed';

interface StateTraits {
  readonly next: readonly ConnectionState[];
  /** Frames may be sent: the 101 is out and no close frame is, or a session keeps them. */
  readonly writes: boolean;
}

/**
 * connecting (before the 101) → opening (`handleConnection` runs) → open → closing (our close frame is on its way) → closed.
 * With a session: away (its client is expected back; what is sent waits) → opening or open again, or closed.
 * A connection of an earlier process begins as away. Every live state may fall straight to closed.
 */
export const connectionStates: Readonly<Record<ConnectionState, StateTraits>> = {
  connecting: { next: ['opening', 'away', 'closed'], writes: false },
  opening: { next: ['open', 'away', 'closing', 'closed'], writes: true },
  open: { next: ['away', 'closing', 'closed'], writes: true },
  away: { next: ['opening', 'open', 'closed'], writes: true },
  closing: { next: ['closed'], writes: false },
  closed: { next: [], writes: false },
};

/** The state after a step; asserts that the step exists. */
export function transition(from: ConnectionState, to: ConnectionState): ConnectionState {
  if (!connectionStates[from].next.includes(to))
    throw new Error(`a connection cannot go from ${from} to ${to}`);
  return to;
}
