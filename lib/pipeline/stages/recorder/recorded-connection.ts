import type { EventSelection } from '../../../routing/event-selection.js';
import type { Envelope, MessageId } from '../../../protocol/envelope.js';
import { isReservedEvent } from '../../../protocol/event-name.js';
import { roomKeyEvent } from '../encryption/connection-keys.js';

/** Of a connection; the oldest are forgotten beyond it: their outcomes are recorded though their requests are not. */
const mostRemembered = 4_096;

/** What says who is in which room is part of every recording. */
const subscriptions = ['$subscribe', '$unsubscribe'];

/** One connection that is recorded: which of its messages are. */
export class RecordedConnection {
  /** From 1, in the order in which they came; 0 until its first line is written. */
  number = 0;
  readonly #events: EventSelection | null;
  /** Requests of the client whose outcomes are left out with them. */
  readonly #skipped = new Set<MessageId>();
  /** Requests of the server whose answers are awaited. */
  readonly #asked = new Set<MessageId>();

  /** @param events null: every event */
  constructor(events: EventSelection | null) {
    this.#events = events;
  }

  /** Whether what the client has sent is recorded. */
  takesIn({ event, id, data }: Envelope): boolean {
    if (event === undefined) return id !== undefined && this.#asked.delete(id);
    if (event === '$cancel') return id !== undefined && !this.#skipped.has(id);
    const isTaken = this.#has(event, data);
    if (id !== undefined && (!isTaken || this.#skipped.size > 0)) this.#note(id, isTaken);
    return isTaken;
  }

  /** Whether what is sent to the client is recorded. */
  takesOut({ event, id, more }: Envelope): boolean {
    if (id !== undefined && isOutcome(event, id)) {
      if (!this.#skipped.has(id)) return event === undefined || !isReservedEvent(event);
      if (more !== true) this.#skipped.delete(id);
      return false;
    }
    // A value without a name answers a message without an id: nobody knows which.
    if (event === undefined) return this.#events === null;
    if (isReservedEvent(event) || event === roomKeyEvent) return false;
    const isTaken = event === 'exception' || this.#events === null || this.#events.has(event);
    if (isTaken && id !== undefined) remember(this.#asked, id);
    return isTaken;
  }

  #has(event: string, data: unknown): boolean {
    if (subscriptions.includes(event)) return true;
    const subject = event === '$publish' ? publishedEvent(data) : event;
    return !isReservedEvent(subject) && (this.#events === null || this.#events.has(subject));
  }

  #note(id: MessageId, isTaken: boolean): void {
    if (isTaken) this.#skipped.delete(id);
    else remember(this.#skipped, id);
  }
}

/** Servers number their requests with negative integers; any other id is one of the client's. */
function isOutcome(event: string | undefined, id: MessageId): boolean {
  return event === undefined || !(typeof id === 'number' && id < 0);
}

function publishedEvent(data: unknown): string {
  const event: unknown = (data as { event?: unknown } | null | undefined)?.event;
  return typeof event === 'string' ? event : '';
}

function remember(ids: Set<MessageId>, id: MessageId): void {
  ids.add(id);
  if (ids.size > mostRemembered) ids.delete(ids.values().next().value as MessageId);
}
