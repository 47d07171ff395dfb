import type { Connection } from '../connection/connection.js';
import type { LogPosition } from '../store/message-log.js';
import type { LoggedContent } from './logged-body.js';

/** A message that has been published to a room, in its place. */
export interface PlacedMessage extends LogPosition {
  readonly content: LoggedContent;
}

/** Messages that a subscriber who catches up has waiting; older ones it reads. */
const longestTail = 256;

/**
 * A subscriber on the way from where it was to where its room is. Until it has arrived, what is published meanwhile is
 * not sent to it but kept in its tail, as far as that goes.
 */
export class CatchUp {
  readonly connection: Connection;
  /** It was given up, or is like any other subscriber now. */
  isOver = false;
  /** Where it has arrived: it was ahead of what was still on its way to others, and must not get that again. */
  #arrivedAt: LogPosition | null = null;
  #tail: PlacedMessage[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get hasArrived(): boolean {
    return this.#arrivedAt !== null;
  }

  arrive(at: LogPosition): void {
    this.#arrivedAt = at;
    this.#tail = [];
  }

  /** Whether it has got a message already that others are about to get. */
  isAhead({ offset, epoch }: LogPosition): boolean {
    return this.#arrivedAt?.epoch === epoch && offset <= this.#arrivedAt.offset;
  }

  published(message: PlacedMessage): void {
    if (this.#tail.length === longestTail) this.#tail.shift();
    this.#tail.push(message);
  }

  /** What has been published after what was read last, if all of it is here; else undefined. Empty: nothing has. */
  after({ offset, epoch }: LogPosition): readonly PlacedMessage[] | undefined {
    const [first] = this.#tail;
    if (first === undefined) return [];
    // Of another life than what was read: it begins with the first message of that life.
    const isNext = first.epoch === epoch ? first.offset <= offset + 1 : first.offset === 1;
    if (!isNext) return undefined;
    return this.#tail.filter((message) => message.epoch !== epoch || message.offset > offset);
  }
}
