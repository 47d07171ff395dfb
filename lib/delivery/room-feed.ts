import type { Connection } from '../connection/connection.js';
import type { LogPosition } from '../store/message-log.js';
import { CatchUp, type PlacedMessage } from './catch-up.js';

/** What goes on in one room with history at the moment; there is none for a room in which nothing does. */
export class RoomFeed {
  readonly #catchUps = new Map<Connection, CatchUp>();
  /** Settles when all that is on its way into the store has been sent, or has failed. */
  #last: Promise<unknown> | null = null;

  /** Nobody catches up, and nothing is on its way. */
  get isIdle(): boolean {
    return this.#catchUps.size === 0 && this.#last === null;
  }

  /** Something is on its way into the store: what comes now goes after it. */
  get isBusy(): boolean {
    return this.#last !== null;
  }

  /** Those who must not be sent what is published: it is kept for them. */
  get catchingUp(): readonly Connection[] {
    return [...this.#catchUps.keys()];
  }

  /** A subscriber begins to catch up; what it was about before is over. */
  begin(connection: Connection): CatchUp {
    this.end(connection);
    const catchUp = new CatchUp(connection);
    this.#catchUps.set(connection, catchUp);
    return catchUp;
  }

  /** It has all that was read. */
  arrived(catchUp: CatchUp, at: LogPosition): void {
    if (this.isBusy) catchUp.arrive(at);
    else this.end(catchUp.connection);
  }

  /** It is not in the room any more, or is like any other subscriber now. */
  end(connection: Connection): void {
    const catchUp = this.#catchUps.get(connection);
    if (catchUp === undefined) return;
    catchUp.isOver = true;
    this.#catchUps.delete(connection);
  }

  /** Keeps a message for those who catch up; called before it is sent to the others. */
  published(message: PlacedMessage): void {
    for (const [connection, catchUp] of this.#catchUps) {
      if (!catchUp.hasArrived) catchUp.published(message);
      else if (!catchUp.isAhead(message)) this.end(connection);
    }
  }

  /** Does something when a promise has settled, and after all that was to be done before. @param idle called when nothing is left */
  inTurn<Value>(pending: PromiseLike<Value>, then: (value: Value) => void, idle: () => void): Promise<Value> {
    const before = this.#last ?? Promise.resolve();
    const done = Promise.allSettled([pending, before]).then(async () => {
      const value = await pending;
      then(value);
      return value;
    });
    const last = done
      .catch(() => undefined)
      .then(() => {
        if (this.#last === last) this.#rest();
        idle();
      });
    this.#last = last;
    return done;
  }

  /** Nothing is on its way: nobody is ahead of it. */
  #rest(): void {
    this.#last = null;
    for (const [connection, { hasArrived }] of this.#catchUps) if (hasArrived) this.end(connection);
  }
}
