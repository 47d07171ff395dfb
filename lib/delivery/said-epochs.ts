import type { RoomPlace } from '../rooms/broadcast-port.js';
import type { LogPosition } from '../store/message-log.js';

/** Rooms whose epochs are remembered; then all are forgotten, and said once more. */
const rememberedRooms = 10_000;

/** The place of a message that follows others of its history: the first of all says whose it is, the others belong to the same. */
export function placeOf(room: string, { offset, epoch }: LogPosition): RoomPlace {
  return offset === 1 ? { room, offset, epoch } : { room, offset };
}

/**
 * Which epochs were said to those who are in the rooms. In a session that has outlived a process nobody asks anew: the first message
 * that is published to a room in this process says to which life of the history it belongs.
 */
export class SaidEpochs {
  readonly #said = new Map<string, string>();

  place(room: string, position: LogPosition): RoomPlace {
    const { offset, epoch } = position;
    if (this.#said.get(room) === epoch) return placeOf(room, position);
    if (this.#said.size >= rememberedRooms) this.#said.clear();
    this.#said.set(room, epoch);
    return { room, offset, epoch };
  }
}
